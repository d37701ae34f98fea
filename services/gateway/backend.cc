#include "services/gateway/backend.h"

#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "common/log/log.h"
#include "services/gateway/backend_line.h"

namespace arasta::gateway {
namespace {

// As many as may come at once while a connection is made for them.
constexpr size_t kMaxWaiting = 4000;

// What every call adds to the calls that may be made again, and how many may be saved up: enough for all
// that one replica carries when it dies.
constexpr double kRetryShare = 0.1;
constexpr double kFirstRetries = 50;
constexpr double kMostRetries = 500;

absl::Status Unavailable() {
  return Error(absl::StatusCode::kUnavailable, "BACKEND_UNAVAILABLE", "the service is not available");
}

}  // namespace

Backend::Backend(Loop& loop, BackendOptions options)
    : loop_(loop),
      options_(std::move(options)),
      leave_former_([this] {
        LeaveFormer();
        ServeWaiting();
      }),
      shrink_([this] { Shrink(); }),
      connections_(metrics::NewGauge("arasta_gateway_backend_connections",
                                     "Connections to a backend that are ready, or end with their last call",
                                     {{"backend", options_.name}})),
      retries_left_(kFirstRetries),
      retries_(metrics::NewCounter("arasta_gateway_retries_total", "Calls made again at another replica",
                                   {{"backend", options_.name}})),
      failing_(options_.name, "failing"),
      slow_(options_.name, "slow") {
  SetLines();
}

Backend::~Backend() {
  const auto open =
      std::count_if(lines_.begin(), lines_.end(), [](const auto& line) { return Ready(*line); });
  connections_.Decrement(static_cast<double>(open) + static_cast<double>(draining_.size()));
}

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

void Backend::SetTls(std::shared_ptr<const TlsContext> tls) {
  if (options_.tls != nullptr) options_.tls = std::move(tls);
}

void Backend::Close() {
  options_.addresses.clear();
  SetLines();
}

void Backend::Start(BackCall& call, HeaderBlock head) {
  call.request_head_ = std::move(head);
  call.incoming_.Clear();
  call.head_seen_ = false;
  retries_left_ = std::min(retries_left_ + kRetryShare, kMostRetries);
  if (call.went_to_ != 0) retries_.Increment();
  if (Line* line = Choose(call)) return Send(call, *line);
  SeekOthers();
  // A ready one that is merely full, or one that is being made, is worth waiting for.
  if ((ready() || AnyConnecting()) && waiting_.size() < kMaxWaiting) {
    call.waiting_in_ = this;
    waiting_.push_back(&call);
    return;
  }
  call.OnBroken(Unavailable(), Again::kNever);
}

// The one with the fewest calls: where that is nearly full, all are.
void Backend::Send(BackCall& call, Line& line) {
  if (line.connection->NearlyFull()) Grow(line);
  call.went_to_ = line.place;
  line.connection->Start(call);
}

bool Backend::TakeRetry() {
  if (retries_left_ < 1) return false;
  retries_left_ -= 1;
  return true;
}

bool Backend::ready() const {
  return std::any_of(lines_.begin(), lines_.end(), [](const auto& line) { return Ready(*line); });
}

size_t Backend::calls() const {
  size_t calls = 0;
  for (const auto& line : lines_) calls += line->connection ? line->connection->calls() : 0;
  for (const auto& connection : draining_) calls += connection->calls();
  return calls;
}

bool Backend::AnyConnecting() const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [](const auto& line) { return line->connection && !line->connection->ready(); });
}

Backend::Line* Backend::Choose(const BackCall& call) {
  constexpr size_t kLastResort = 1'000'000;
  struct {
    Line* line = nullptr;
    size_t cost = 0;
  } best, best_in_panic;
  const auto offer = [](auto& so_far, Line& line, size_t cost) {
    if (so_far.line == nullptr || cost < so_far.cost) so_far = {&line, cost};
  };
  size_t well = 0;
  ++turn_;
  for (size_t i = 0; i < lines_.size(); ++i) {
    Line& line = *lines_[(turn_ + i) % lines_.size()];
    if (!Ready(line)) continue;
    const bool leaving = !Serves(line);
    const bool ejected = Ejected(line);
    if (!leaving && !ejected) ++well;
    if (!line.connection->CanTake()) continue;
    const bool last = leaving || call.went_to_ == line.place;
    const size_t cost = line.connection->calls() + (last ? kLastResort : 0);
    offer(best, line, cost + (ejected ? kLastResort : 0));
    offer(best_in_panic, line, cost);
  }
  return 2 * well < lines_.size() ? best_in_panic.line : best.line;
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

}  // namespace arasta::gateway
