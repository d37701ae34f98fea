// Callers who call and call, for tests of what becomes of their calls while something happens.
#pragma once

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"

namespace arasta::rpc {

class BusyCallers {
 public:
  BusyCallers(int count, const std::function<absl::Status()>& call) {
    for (int i = 0; i < count; ++i) {
      callers_.emplace_back([this, call](std::stop_token stop) {
        while (!stop.stop_requested()) Count(call());
      });
    }
  }
  int served() const { return served_; }
  // The errors of all calls.
  std::set<std::string> Stop() {
    callers_.clear();
    MutexLock lock(mutex_);
    return errors_;
  }

 private:
  void Count(const absl::Status& status) {
    ++served_;
    MutexLock lock(mutex_);
    if (!status.ok()) errors_.insert(status.ToString());
  }

  std::atomic<int> served_ = 0;
  Mutex mutex_;
  std::set<std::string> errors_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::jthread> callers_;  // last: they use the rest
};

}  // namespace arasta::rpc
