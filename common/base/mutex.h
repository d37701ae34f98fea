// std::mutex with clang's thread-safety annotations, so that GUARDED_BY members are checked at compile
// time and TSan sees every lock. Annotate with ABSL_GUARDED_BY and friends.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

namespace arasta {

// The lower-case names are the standard's: CondVar needs them.
class ABSL_LOCKABLE Mutex {
 public:
  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }
  bool try_lock() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) { return mutex_.try_lock(); }

 private:
  std::mutex mutex_;
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits release `mutex` and hold it again when they return; they may return without cause.
class CondVar {
 public:
  void Wait(Mutex& mutex) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { condition_.wait(mutex); }

  // False when `duration` has passed.
  bool WaitFor(Mutex& mutex, absl::Duration duration) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    return condition_.wait_for(mutex, absl::ToChronoNanoseconds(duration)) == std::cv_status::no_timeout;
  }

  // Until `done()`, `duration` or a stop request, whichever comes first; what `done()` says then.
  template <typename Done>
  bool WaitFor(Mutex& mutex, std::stop_token stop, absl::Duration duration, Done done)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    return condition_.wait_for(mutex, std::move(stop), absl::ToChronoNanoseconds(duration), std::move(done));
  }

  // Until `done()` or a stop request; what `done()` says then.
  template <typename Done>
  bool Wait(Mutex& mutex, std::stop_token stop, Done done) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    return condition_.wait(mutex, std::move(stop), std::move(done));
  }

  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace arasta
