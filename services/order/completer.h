// Finishes what requests left: captures off the reply, compensates, and takes over orders whose driver
// died, on every replica alike.
#pragma once

#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/metrics/metrics.h"
#include "services/order/checkout.h"
#include "services/order/lease_queue.h"
#include "services/order/saga_store.h"

namespace arasta::order {

// Start and Stop are for one thread.
class Completer {
 public:
  Completer(Checkout& checkout, SagaStore& sagas, LeaseQueue& queue)
      : checkout_(checkout), sagas_(sagas), queue_(queue) {}

  // Drives everything that is handed over or due now, in this thread; returns how many orders that were.
  int RunOnce();

  // Runs until stopped: `workers` drive, one more thread looks for what is due.
  void Start(int workers);
  // Finishes the drives under way; what waits is left to other replicas. Destruction stops too.
  void Stop() { threads_.clear(); }

 private:
  void Work(std::stop_token stop);
  void Look(std::stop_token stop);
  void TakeDue(int limit);
  void Drive(const SagaLease& lease);

  Checkout& checkout_;
  SagaStore& sagas_;
  LeaseQueue& queue_;
  Mutex mutex_;
  CondVar stopped_;
  std::vector<std::jthread> threads_;
};

}  // namespace arasta::order
