// Threads for work that blocks, behind one bounded queue. As many workers as database connections: the
// queue here is then the only one.
#pragma once

#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/concurrency/standing_queue.h"
#include "common/metrics/metrics.h"

namespace arasta::concurrency {

// Thread-safe. A worker never submits to its own pool and waits for the answer.
class WorkerPool {
 public:
  // Called exactly once for every accepted job; with expired = true when its deadline passed in the
  // queue, to answer the caller without doing the work. Must not throw.
  using Job = absl::AnyInvocable<void(bool expired)>;

  // `name` labels the metrics.
  WorkerPool(const std::string& name, int threads, int queue_capacity);
  // Drains.
  ~WorkerPool();

  // RESOURCE_EXHAUSTED with RetryInfo when the queue is full, or when it is a standing one and the job
  // would spend more than a quarter of its time in it; UNAVAILABLE when draining. A refused job is
  // destroyed without being called.
  absl::Status Submit(absl::Time deadline, Job job);

  // Refuses new jobs, finishes the accepted ones and ends the threads. Idempotent; not for workers.
  void Drain();

 private:
  struct Entry {
    Job job;
    absl::Time deadline;
    absl::Time submitted;
  };

  void Work();
  absl::Status Admit(absl::Time now, absl::Time deadline) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t queue_capacity_;
  metrics::Gauge& queued_;
  metrics::Gauge& busy_;
  metrics::Histogram& wait_seconds_;
  metrics::Counter& refused_;
  metrics::Counter& expired_;

  Mutex mutex_;
  CondVar changed_;
  std::deque<Entry> queue_ ABSL_GUARDED_BY(mutex_);
  StandingQueue standing_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;

  Mutex join_mutex_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(join_mutex_);
};

}  // namespace arasta::concurrency
