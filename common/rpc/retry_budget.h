// How many retries an edge may add to its calls, so that a retry storm can't drown a sick peer.
#pragma once

#include <algorithm>

#include "common/base/mutex.h"

namespace arasta::rpc {

// A tenth of a retry is earned by every call, ten can be saved up. Thread-safe.
class RetryBudget {
 public:
  void Earn() {
    MutexLock lock(mutex_);
    saved_ = std::min(saved_ + kEarned, kMost);
  }

  // True where a retry may be made; it is then spent.
  bool Spend() {
    MutexLock lock(mutex_);
    if (saved_ < 1) return false;
    saved_ -= 1;
    return true;
  }

 private:
  static constexpr double kEarned = 0.1;
  static constexpr double kMost = 10;

  Mutex mutex_;
  double saved_ ABSL_GUARDED_BY(mutex_) = kMost;
};

}  // namespace arasta::rpc
