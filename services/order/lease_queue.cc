#include "services/order/lease_queue.h"

#include <utility>

namespace arasta::order {

void LeaseQueue::Push(SagaLease lease) {
  MutexLock lock(mutex_);
  if (leases_.size() == capacity_) return;
  leases_.push_back(std::move(lease));
  pushed_.NotifyOne();
}

absl::optional<SagaLease> LeaseQueue::Pop(std::stop_token stop) {
  MutexLock lock(mutex_);
  auto has_one = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !leases_.empty(); };
  if (!pushed_.Wait(mutex_, stop, has_one)) return absl::nullopt;
  return Take();
}

absl::optional<SagaLease> LeaseQueue::TryPop() {
  MutexLock lock(mutex_);
  if (leases_.empty()) return absl::nullopt;
  return Take();
}

SagaLease LeaseQueue::Take() {
  SagaLease lease = std::move(leases_.front());
  leases_.pop_front();
  return lease;
}

size_t LeaseQueue::size() const {
  MutexLock lock(mutex_);
  return leases_.size();
}

}  // namespace arasta::order
