#include "services/gateway/backend.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/log/log.h"
#include "services/gateway/health_watch.h"

namespace arasta::gateway {
namespace {

constexpr size_t kMaxWaiting = 1000;
constexpr int64_t kConnectTimeoutNs = 2'000'000'000;
constexpr int64_t kFirstPauseNs = 50'000'000;
constexpr int64_t kLongestPauseNs = 1'000'000'000;
constexpr int64_t kHealthPauseNs = 1'000'000'000;

// Calls that fail one after the other cost a connection its share of the calls for that long, doubled each
// time until it has been well for a while.
constexpr int64_t kFirstEjectionNs = 500'000'000;
constexpr int64_t kLongestEjectionNs = 2'000'000'000;
constexpr int64_t kForgiveNs = 10'000'000'000;

// What every call adds to the calls that may be made again, and how many may be saved up: enough for all
// that one replica carries when it dies.
constexpr double kRetryShare = 0.1;
constexpr double kFirstRetries = 50;
constexpr double kMostRetries = 500;

absl::Status Unavailable() {
  return Error(absl::StatusCode::kUnavailable, "BACKEND_UNAVAILABLE", "the service is not available");
}

}  // namespace

// A connection, or the pause before the next attempt at it.
struct Backend::Line {
  Line(Backend& backend, const SocketAddress& to)
      : address(to), timer([this, &backend] { backend.OnTimer(*this); }) {}

  const SocketAddress address;
  std::unique_ptr<BackConnection> connection;
  // From when the connection is ready.
  std::unique_ptr<HealthWatch> health;
  // Ends a connect that takes too long, or the pause before another, or before health is asked for again.
  Timer timer;
  int64_t pause_ns = 0;
  int64_t ejected_until_ns = 0;
  int64_t ejection_ns = 0;
};

Backend::Backend(Loop& loop, BackendOptions options)
    : loop_(loop),
      options_(std::move(options)),
      retries_left_(kFirstRetries),
      retries_(metrics::NewCounter("arasta_gateway_retries_total", "Calls made again at another replica",
                                   {{"backend", options_.name}})) {
  SetLines();
}

Backend::~Backend() = default;

bool Backend::Is(const BackendOptions& options) const {
  return options.name == options_.name && options.expected_peer == options_.expected_peer &&
         (options.tls == nullptr) == (options_.tls == nullptr);
}

void Backend::Update(BackendOptions options) {
  options_ = std::move(options);
  SetLines();
}

void Backend::SetAddresses(std::vector<SocketAddress> addresses) {
  if (addresses == options_.addresses) return;
  log::Info("backend moved", {{"backend", options_.name}, {"addresses", addresses.size()}});
  options_.addresses = std::move(addresses);
  SetLines();
}

void Backend::Close() {
  options_.addresses.clear();
  SetLines();
}

// Lines that are still wanted stay what they are.
void Backend::SetLines() {
  std::vector<std::unique_ptr<Line>> before;
  before.swap(lines_);
  for (const SocketAddress& address : options_.addresses) {
    for (int i = 0; i < options_.connections_per_address; ++i) {
      const auto known = std::find_if(before.begin(), before.end(),
                                      [&](const auto& line) { return line && line->address == address; });
      lines_.push_back(known == before.end() ? std::make_unique<Line>(*this, address) : std::move(*known));
    }
  }
  for (const auto& line : before) {
    if (line) Leave(*line);
  }
  for (const auto& line : lines_) {
    if (line->connection == nullptr && !line->timer.pending()) Connect(*line);
  }
  ServeWaiting();
}

void Backend::Leave(Line& line) {
  line.health.reset();
  if (line.connection == nullptr) return;
  draining_.push_back(std::move(line.connection));
  draining_.back()->Retire();
}

void Backend::Start(BackCall& call, HeaderBlock head) {
  call.request_head_ = std::move(head);
  call.incoming_.Clear();
  call.head_seen_ = false;
  retries_left_ = std::min(retries_left_ + kRetryShare, kMostRetries);
  if (call.went_to_ != nullptr) retries_.Increment();
  if (Line* line = Choose(call)) return Send(call, *line);
  // A ready one that is merely full, or one that is being made, is worth waiting for.
  if ((ready() || AnyConnecting()) && waiting_.size() < kMaxWaiting) {
    call.waiting_in_ = this;
    waiting_.push_back(&call);
    return;
  }
  call.OnBroken(Unavailable(), Again::kNever);
}

void Backend::Send(BackCall& call, Line& line) {
  call.went_to_ = &line.address;
  line.connection->Start(call);
}

bool Backend::TakeRetry() {
  if (retries_left_ < 1) return false;
  retries_left_ -= 1;
  return true;
}

bool Backend::ready() const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [](const auto& line) { return line->connection && line->connection->ready(); });
}

bool Backend::AnyConnecting() const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [](const auto& line) { return line->connection && !line->connection->ready(); });
}

Backend::Line* Backend::Choose(const BackCall& call) {
  constexpr size_t kLastResort = 1'000'000;
  Line* best = nullptr;
  size_t best_cost = 0;
  ++turn_;
  for (size_t i = 0; i < lines_.size(); ++i) {
    Line& line = *lines_[(turn_ + i) % lines_.size()];
    if (line.connection == nullptr || !line.connection->CanTake()) continue;
    const size_t cost = line.connection->calls() + (LastResort(line, call) ? kLastResort : 0);
    if (best != nullptr && cost >= best_cost) continue;
    best = &line;
    best_cost = cost;
  }
  return best;
}

bool Backend::LastResort(const Line& line, const BackCall& call) const {
  const bool leaving = line.health != nullptr && !line.health->serving();
  return leaving || Ejected(line) || call.went_to_ == &line.address;
}

bool Backend::Ejected(const Line& line) const {
  return loop_.now_ns() < line.ejected_until_ns;
}

void Backend::Forget(BackCall& call) {
  call.waiting_in_ = nullptr;
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &call));
}

void Backend::ServeWaiting() {
  while (!waiting_.empty()) {
    BackCall& call = *waiting_.front();
    if (Line* line = Choose(call)) {
      Forget(call);
      Send(call, *line);
    } else if (!ready() && !AnyConnecting()) {
      Forget(call);
      call.OnBroken(Unavailable(), Again::kNever);
    } else {
      return;
    }
  }
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
  line.health =
      std::make_unique<HealthWatch>([this, &line] { loop_.StartTimer(line.timer, kHealthPauseNs); });
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
  WatchHealth(line);
  log::Info("backend ready", {{"backend", options_.name}, {"address", line.address.ToString()}});
  ServeWaiting();
}

void Backend::OnDraining(BackConnection& connection) {
  Line& line = *LineOf(connection);
  line.health.reset();
  draining_.push_back(std::move(line.connection));
  Connect(line);
}

void Backend::OnRoom(BackConnection&) {
  ServeWaiting();
}

// Never more than half of them: what then remains would only break down under the load of all.
void Backend::OnFailing(BackConnection& connection) {
  Line* line = LineOf(connection);
  if (line == nullptr || Ejected(*line)) return;
  const auto ejected =
      std::count_if(lines_.begin(), lines_.end(), [this](const auto& each) { return Ejected(*each); });
  if (2 * (static_cast<size_t>(ejected) + 1) > lines_.size()) return;
  const bool forgiven = loop_.now_ns() - line->ejected_until_ns > kForgiveNs;
  line->ejection_ns = forgiven ? kFirstEjectionNs : std::min(2 * line->ejection_ns, kLongestEjectionNs);
  line->ejected_until_ns = loop_.now_ns() + line->ejection_ns;
  log::Warning("backend ejected", {{"backend", options_.name}, {"address", line->address.ToString()}});
}

void Backend::OnGone(BackConnection& connection, const std::string& why) {
  if (Line* line = LineOf(connection)) {
    line->health.reset();
    loop_.DestroyLater(std::move(line->connection));
    if (!why.empty()) return PauseAfterFailure(*line, why);
    Connect(*line);
    return ServeWaiting();
  }
  const auto found = std::find_if(draining_.begin(), draining_.end(),
                                  [&](const auto& each) { return each.get() == &connection; });
  loop_.DestroyLater(std::move(*found));
  draining_.erase(found);
}

}  // namespace arasta::gateway
