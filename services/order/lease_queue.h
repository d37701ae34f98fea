// Orders on their way from the request that decided them, or from the poll that found them due, to the
// completer's workers. Losing an entry is harmless: its lease runs out and the order is found again.
#pragma once

#include <cstddef>
#include <deque>
#include <stop_token>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/base/mutex.h"
#include "services/order/saga_store.h"

namespace arasta::order {

// Thread-safe.
class LeaseQueue {
 public:
  explicit LeaseQueue(size_t capacity) : capacity_(capacity) {}

  // Dropped when the queue is full.
  void Push(SagaLease lease);
  // Waits. nullopt: told to stop.
  absl::optional<SagaLease> Pop(std::stop_token stop);
  absl::optional<SagaLease> TryPop();
  size_t size() const;

 private:
  SagaLease Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t capacity_;
  mutable Mutex mutex_;
  CondVar pushed_;
  std::deque<SagaLease> leases_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace arasta::order
