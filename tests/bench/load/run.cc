#include "tests/bench/load/run.h"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "common/base/status_macros.h"

namespace arasta::bench {
namespace {

// A connection that dies is replaced, but a server that only ever closes is no server.
constexpr int64_t kMostBroken = 100'000;

Nanos Now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * Nanos{1'000'000'000} + time.tv_nsec;
}

Nanos FromSeconds(double seconds) {
  return static_cast<Nanos>(seconds * 1e9);
}

Pacer PacerFor(const RunOptions& options, Nanos start) {
  const Nanos end = start + FromSeconds(options.seconds);
  return options.rate > 0 ? Pacer::OpenLoop(options.rate, start, end)
                          : Pacer::ClosedLoop(options.in_flight, start, end);
}

}  // namespace

Run::Run(const RunOptions& options, const std::vector<Request>& requests)
    : options_(options),
      requests_(requests),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      connections_(static_cast<size_t>(options.connections)),
      pacer_(PacerFor(options, 0)) {}

Run::~Run() {
  close(epoll_);
}

absl::Status Run::Connect(size_t index) {
  ASSIGN_OR_RETURN(std::unique_ptr<Transport> transport, Transport::Connect(options_.port, tls_.get()));
  const auto ended = [this](Nanos intended, int code) { Ended(intended, code); };
  connections_[index] =
      options_.http2 ? MakeHttp2Connection(std::move(transport), options_.protocol, options_.tls.on, ended)
                     : MakeHttp1Connection(std::move(transport), options_.protocol, ended);
  epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[index]->fd(), &event);
  return absl::OkStatus();
}

void Run::Ended(Nanos intended, int code) {
  pacer_.Ended();
  const Nanos latency = Now() - intended;
  if (code == kOk && options_.within > 0 && latency > FromSeconds(options_.within)) code = kLate;
  if (code != kOk) {
    ++report_.failed[code];
    return;
  }
  ++report_.ok;
  report_.latency.Record(latency);
}

Connection* Run::Emptiest() const {
  Connection* best = nullptr;
  for (const auto& connection : connections_) {
    if (!connection->HasRoom()) continue;
    if (best == nullptr || connection->under_way() < best->under_way()) best = connection.get();
  }
  return best;
}

int Run::UnderWay() const {
  int sum = 0;
  for (const auto& connection : connections_) sum += connection->under_way();
  return sum;
}

bool Run::EverythingSent() const {
  return options_.once && next_request_ == requests_.size();
}

void Run::Pump() {
  const Nanos now = Now();
  while (!EverythingSent()) {
    Connection* connection = Emptiest();
    // What is due stays due: its latency goes on counting.
    if (connection == nullptr) return;
    const absl::optional<Nanos> intended = pacer_.Next(now);
    if (!intended.has_value()) return;
    connection->Send(requests_[next_request_ % requests_.size()], *intended);
    ++next_request_;
    ++report_.sent;
  }
}

absl::Status Run::FlushAll() {
  for (size_t index = 0; index < connections_.size(); ++index) {
    const bool was_blocked = connections_[index]->blocked();
    if (!connections_[index]->Flush()) {
      RETURN_IF_ERROR(Connect(index));
    } else if (connections_[index]->blocked() != was_blocked) {
      WatchWritable(index);
    }
  }
  return absl::OkStatus();
}

void Run::WatchWritable(size_t index) const {
  const uint32_t events = connections_[index]->blocked() ? EPOLLIN | EPOLLOUT : EPOLLIN;
  epoll_event event{.events = events, .data = {.u64 = index}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connections_[index]->fd(), &event);
}

absl::Status Run::Serve(size_t index, uint32_t events) {
  if ((events & ~uint32_t{EPOLLOUT}) == 0 || connections_[index]->OnReadable()) return absl::OkStatus();
  const auto broken = report_.failed.find(kBroken);
  if (broken != report_.failed.end() && broken->second > kMostBroken) {
    return absl::UnavailableError("the server closes every connection");
  }
  return Connect(index);
}

void Run::Wait(Nanos until, std::vector<std::pair<size_t, uint32_t>>& ready) const {
  const Nanos rest = std::max<Nanos>(0, until - Now());
  const timespec timeout{.tv_sec = rest / 1'000'000'000, .tv_nsec = rest % 1'000'000'000};
  std::array<epoll_event, 64> events;
  const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  ready.clear();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    ready.emplace_back(event.data.u64, event.events);
  }
}

absl::StatusOr<Report> Run::Go() {
  ASSIGN_OR_RETURN(tls_, MakeTlsContext(options_.tls, options_.http2 ? "h2" : "http/1.1"));
  for (size_t index = 0; index < connections_.size(); ++index) RETURN_IF_ERROR(Connect(index));
  const Nanos start = Now();
  const Nanos sending_ends = start + FromSeconds(options_.seconds);
  const Nanos patience_ends = sending_ends + FromSeconds(options_.patience);
  pacer_ = PacerFor(options_, start);
  std::vector<std::pair<size_t, uint32_t>> ready;
  for (Nanos now = start; now < patience_ends; now = Now()) {
    Pump();
    RETURN_IF_ERROR(FlushAll());
    if ((pacer_.Over(now) || EverythingSent()) && UnderWay() == 0) break;
    // A backlog waits for room, which only answers make; then the beat is no reason to wake up.
    const Nanos due = Emptiest() == nullptr || EverythingSent() ? patience_ends : pacer_.NextDue();
    Wait(now < sending_ends ? std::min(due, sending_ends) : patience_ends, ready);
    for (const auto& [index, events] : ready) RETURN_IF_ERROR(Serve(index, events));
  }
  report_.seconds = static_cast<double>(Now() - start) / 1e9;
  if (const int unanswered = UnderWay(); unanswered > 0) report_.failed[kUnanswered] += unanswered;
  return report_;
}

}  // namespace arasta::bench
