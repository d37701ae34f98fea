#include "services/order/completer.h"

#include <string>

#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/log/log.h"
#include "common/trace/span.h"

namespace arasta::order {
namespace {

constexpr absl::Duration kLookEvery = absl::Milliseconds(500);
constexpr absl::Duration kStoreDeadline = absl::Seconds(2);
// What a look takes at most: no more than the workers get through within a lease.
constexpr int kMaxDue = 32;

Call BackgroundCall(absl::Time deadline) {
  return Call::Background("order.Completer", deadline);
}

}  // namespace

int Completer::RunOnce() {
  int driven = 0;
  TakeDue(kMaxDue);
  while (const absl::optional<SagaLease> lease = queue_.TryPop()) {
    Drive(*lease);
    ++driven;
  }
  return driven;
}

void Completer::Start(int workers) {
  for (int i = 0; i < workers; ++i) {
    threads_.emplace_back([this](std::stop_token stop) { Work(stop); });
  }
  threads_.emplace_back([this](std::stop_token stop) { Look(stop); });
}

void Completer::Work(std::stop_token stop) {
  while (const absl::optional<SagaLease> lease = queue_.Pop(stop)) Drive(*lease);
}

void Completer::Look(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (queue_.size() < kMaxDue) TakeDue(kMaxDue);
    MutexLock lock(mutex_);
    stopped_.WaitFor(mutex_, stop, kLookEvery, [] { return false; });
  }
}

void Completer::TakeDue(int limit) {
  const absl::StatusOr<std::vector<SagaLease>> due =
      sagas_.AcquireDue(BackgroundCall(absl::Now() + kStoreDeadline), limit);
  if (!due.ok()) {
    log::Warning("no look for due orders", {{"code", absl::StatusCodeToString(due.status().code())}});
    return;
  }
  for (const SagaLease& lease : *due) queue_.Push(lease);
}

void Completer::Drive(const SagaLease& lease) {
  // It waited too long: the lease is about to be somebody else's.
  if (absl::Now() >= lease.stop_time) return;
  trace::Span span(lease.trace, trace::Kind::kInternal, "complete order");
  const Call call = BackgroundCall(lease.stop_time + kStoreDeadline).Under(span.context());
  const absl::Status driven = checkout_.Complete(call, lease, Goal::kSettled);
  span.SetStatus(driven, /*failed=*/true);
  if (driven.ok()) return;
  log::Warning("order not settled", {{"order", lease.id.ToName()},
                                     {"code", absl::StatusCodeToString(driven.code())},
                                     {"reason", ReasonOf(driven)},
                                     {"trace_id", call.trace().trace_id()}});
}

}  // namespace arasta::order
