// Small chores: the metric of stuck orders, and forgetting old request ids.
#pragma once

#include <stop_token>

#include "common/base/mutex.h"
#include "common/metrics/metrics.h"
#include "services/order/cart_store.h"
#include "services/order/saga_store.h"

namespace arasta::order {

class Housekeeping {
 public:
  Housekeeping(SagaStore& sagas, CartStore& carts);

  void RunOnce();
  // Every ten seconds until stopped.
  void Run(std::stop_token stop);

 private:
  SagaStore& sagas_;
  CartStore& carts_;
  metrics::Gauge& stuck_;
  Mutex mutex_;
  CondVar stopped_;
};

}  // namespace arasta::order
