// Tidies up behind holds that ran out. Nothing depends on it: such holds do not count anyway; it keeps
// the counters near the truth for those who read many of them, and the next reservation quick.
#pragma once

#include <stop_token>
#include <string>

#include "common/base/mutex.h"
#include "common/jobs/lease.h"
#include "common/pg/pool.h"
#include "services/catalog/stock_store.h"

namespace arasta::catalog {

// For one thread. One replica sweeps at a time.
class StockSweeper {
 public:
  StockSweeper(pg::Pool& pool, StockStore& stock);

  // Sweeps every second until stopped, then gives the lease back.
  void Run(std::stop_token stop);

 private:
  void RunOnce();

  jobs::Leases leases_;
  StockStore& stock_;
  absl::Time next_renewal_ = absl::InfinitePast();
  bool held_ = false;
  Mutex mutex_;
  CondVar stopped_;
};

}  // namespace arasta::catalog
