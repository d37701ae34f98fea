// How a Backend keeps up its connections: makes them, makes them again after growing pauses, makes more for
// more calls, and gives them up for others.
#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "services/gateway/backend_line.h"

namespace arasta::gateway {
namespace {

constexpr int64_t kConnectTimeoutNs = 2'000'000'000;
constexpr int64_t kFirstPauseNs = 50'000'000;
constexpr int64_t kLongestPauseNs = 1'000'000'000;
constexpr int64_t kHealthPauseNs = 1'000'000'000;

}  // namespace

// Lines that are still wanted stay what they are. The others serve until one of those does: nobody waits for
// a connection while there is one.
void Backend::SetLines() {
  std::vector<std::unique_ptr<Line>> before;
  before.swap(lines_);
  for (const SocketAddress& address : options_.addresses) {
    for (int i = 0; i < options_.connections_per_address; ++i) {
      const auto known = std::find_if(before.begin(), before.end(),
                                      [&](const auto& line) { return line && line->address == address; });
      lines_.push_back(known == before.end() ? std::make_unique<Line>(*this, address, PlaceOf(address))
                                             : std::move(*known));
      lines_.back()->role = Line::Role::kLasting;
    }
    for (auto& line : before) {
      const bool extra = line && line->address == address && line->role == Line::Role::kExtra;
      if (extra) lines_.push_back(std::move(line));
    }
  }
  // Of no addresses at all, there will never be one.
  const bool replaced = lines_.empty() || ready();
  for (auto& line : before) {
    if (line == nullptr) continue;
    if (replaced || !Ready(*line)) {
      Leave(*line);
    } else {
      line->role = Line::Role::kFormer;
      lines_.push_back(std::move(line));
    }
  }
  if (!replaced) loop_.StartTimer(leave_former_, options_.former_ns);
  // A call that is told that one could not be made may have another made.
  for (size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i]->connection == nullptr && !lines_[i]->timer.pending()) Connect(*lines_[i]);
  }
  ServeWaiting();
}

uint64_t Backend::PlaceOf(const SocketAddress& address) {
  for (const auto& line : lines_) {
    if (line->address == address) return line->place;
  }
  return ++places_;
}

void Backend::Leave(Line& line) {
  line.health.reset();
  if (line.connection == nullptr) return;
  draining_.push_back(std::move(line.connection));
  draining_.back()->Retire();
}

void Backend::LeaveFormer() {
  leave_former_.Cancel();
  std::vector<std::unique_ptr<Line>> former;
  for (auto& line : lines_) {
    if (line->role == Line::Role::kFormer) former.push_back(std::move(line));
  }
  std::erase(lines_, nullptr);
  for (const auto& line : former) Leave(*line);
}

void Backend::Remove(const Line& line) {
  lines_.erase(
      std::find_if(lines_.begin(), lines_.end(), [&](const auto& each) { return each.get() == &line; }));
}

// Another connection to that address, unless one is on its way or there are enough. Not made at once: this is
// the middle of a call.
void Backend::Grow(const Line& full) {
  if (full.role == Line::Role::kFormer) return;
  int connections = 0;
  for (const auto& line : lines_) {
    if (line->place != full.place) continue;
    ++connections;
    if (!Ready(*line)) return;
  }
  if (connections >= options_.max_connections_per_address) return;
  lines_.push_back(std::make_unique<Line>(*this, full.address, full.place));
  lines_.back()->role = Line::Role::kExtra;
  loop_.StartTimer(lines_.back()->timer, 0);
  if (!shrink_.pending()) loop_.StartTimer(shrink_, options_.spare_ns);
}

// One a time: calls come and go.
void Backend::Shrink() {
  const auto extra = [](const auto& line) { return line->role == Line::Role::kExtra; };
  const auto found = std::find_if(lines_.begin(), lines_.end(),
                                  [&](const auto& line) { return extra(line) && CanGo(*line); });
  if (found != lines_.end()) {
    const std::unique_ptr<Line> spare = std::move(*found);
    lines_.erase(found);
    Leave(*spare);
  }
  if (std::any_of(lines_.begin(), lines_.end(), extra)) loop_.StartTimer(shrink_, options_.spare_ns);
}

// Where the others have room for twice the calls of all: it will not be missed soon.
bool Backend::CanGo(const Line& extra) const {
  size_t calls = 0;
  size_t room = 0;
  for (const auto& line : lines_) {
    if (line->place != extra.place || !Ready(*line)) continue;
    calls += line->connection->calls();
    if (line.get() != &extra) room += line->connection->Capacity();
  }
  return 2 * calls <= room;
}

void Backend::Connect(Line& line) {
  absl::StatusOr<Socket> socket = Socket::Connect(line.address);
  if (!socket.ok()) return PauseAfterFailure(line, std::string(socket.status().message()));
  BackConnection::Owner& owner = *this;
  line.connection = std::make_unique<BackConnection>(loop_, *std::move(socket), owner, options_);
  loop_.StartTimer(line.timer, kConnectTimeoutNs);
}

void Backend::OnTimer(Line& line) {
  if (line.connection == nullptr) return Connect(line);
  if (line.connection->ready()) return WatchHealth(line);
  line.connection->Abandon("connecting took too long");
}

void Backend::WatchHealth(Line& line) {
  line.health = std::make_unique<HealthWatch>(
      [this] { SeekOthers(); }, [this, &line] { loop_.StartTimer(line.timer, kHealthPauseNs); });
  line.health->request_head_ = HealthWatch::Head(options_.name);
  line.connection->Start(*line.health);
}

void Backend::PauseAfterFailure(Line& line, const std::string& why) {
  if (why != last_failure_) {
    log::Warning("backend away",
                 {{"backend", options_.name}, {"address", line.address.ToString()}, {"error", why}});
    last_failure_ = why;
  }
  line.pause_ns = std::clamp(line.pause_ns * 2, kFirstPauseNs, kLongestPauseNs);
  // Replicas of the gateway should not come back in step.
  loop_.StartTimer(line.timer, absl::Uniform(random_, line.pause_ns / 2, line.pause_ns + 1));
  ServeWaiting();
}

bool Backend::Ready(const Line& line) {
  return line.connection != nullptr && line.connection->ready();
}

bool Backend::Serves(const Line& line) {
  return Ready(line) && (line.health == nullptr || line.health->serving());
}

void Backend::SeekOthers() {
  if (std::none_of(lines_.begin(), lines_.end(), [](const auto& line) { return Serves(*line); }))
    options_.look_up();
}

Backend::Line* Backend::LineOf(const BackConnection& connection) {
  for (const auto& line : lines_) {
    if (line->connection.get() == &connection) return line.get();
  }
  return nullptr;
}

void Backend::OnReady(BackConnection& connection) {
  Line& line = *LineOf(connection);
  line.timer.Cancel();
  line.pause_ns = 0;
  last_failure_.clear();
  connections_.Increment();
  LeaveFormer();
  log::Info("backend ready", {{"backend", options_.name}, {"address", line.address.ToString()}});
  // The line may be gone after that.
  WatchHealth(line);
  ServeWaiting();
}

void Backend::OnDraining(BackConnection& connection) {
  Line& line = *LineOf(connection);
  line.health.reset();
  draining_.push_back(std::move(line.connection));
  SeekOthers();
  if (line.role == Line::Role::kLasting) return Connect(line);
  Remove(line);
  ServeWaiting();
}

void Backend::OnRoom(BackConnection&) {
  ServeWaiting();
}

void Backend::OnGone(BackConnection& connection, const std::string& why) {
  if (why.empty()) connections_.Decrement();
  if (Line* line = LineOf(connection)) {
    line->health.reset();
    loop_.DestroyLater(std::move(line->connection));
    SeekOthers();
    if (!why.empty()) return PauseAfterFailure(*line, why);
    if (line->role != Line::Role::kLasting) return Remove(*line), ServeWaiting();
    Connect(*line);
    return ServeWaiting();
  }
  const auto found = std::find_if(draining_.begin(), draining_.end(),
                                  [&](const auto& each) { return each.get() == &connection; });
  loop_.DestroyLater(std::move(*found));
  draining_.erase(found);
}

}  // namespace arasta::gateway
