#include "common/concurrency/worker_pool.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/base/errors.h"

namespace arasta::concurrency {
namespace {

constexpr absl::Duration kTarget = absl::Milliseconds(5);
constexpr absl::Duration kInterval = absl::Milliseconds(100);
constexpr absl::Duration kRetryAfter = absl::Milliseconds(100);
constexpr int kLargestShareOfTimeInQueue = 4;

absl::Status Overloaded(absl::string_view message) {
  return WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, "OVERLOADED", message), kRetryAfter);
}

}  // namespace

WorkerPool::WorkerPool(const std::string& name, int threads, int queue_capacity)
    : queue_capacity_(queue_capacity),
      queued_(metrics::NewGauge("arasta_workers_queued", "Jobs waiting for a worker", {{"pool", name}})),
      busy_(metrics::NewGauge("arasta_workers_busy", "Workers at work", {{"pool", name}})),
      wait_seconds_(metrics::NewHistogram("arasta_workers_wait_seconds", "Time from submission to start",
                                          {{"pool", name}})),
      refused_(
          metrics::NewCounter("arasta_workers_refused_total", "Jobs refused for overload", {{"pool", name}})),
      expired_(metrics::NewCounter("arasta_workers_expired_total", "Jobs whose deadline passed in the queue",
                                   {{"pool", name}})),
      standing_(kTarget, kInterval) {
  MutexLock lock(join_mutex_);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() {
  Drain();
}

absl::Status WorkerPool::Submit(absl::Time deadline, Job job) {
  const absl::Time now = absl::Now();
  {
    MutexLock lock(mutex_);
    if (absl::Status admitted = Admit(now, deadline); !admitted.ok()) {
      refused_.Increment();
      return admitted;
    }
    queue_.push_back({std::move(job), deadline, now});
    queued_.Increment();
  }
  changed_.NotifyOne();
  return absl::OkStatus();
}

absl::Status WorkerPool::Admit(absl::Time now, absl::Time deadline) const {
  if (draining_) return Error(absl::StatusCode::kUnavailable, "DRAINING", "the process is shutting down");
  if (queue_.size() >= queue_capacity_) return Overloaded("too many calls are waiting");
  if (!standing_.standing() || queue_.empty()) return absl::OkStatus();
  // Served late is served in vain: better to say so at once, while the caller can still go elsewhere.
  const absl::Duration wait = now - queue_.front().submitted;
  if (wait > (deadline - now) / kLargestShareOfTimeInQueue) return Overloaded("calls wait too long");
  return absl::OkStatus();
}

void WorkerPool::Drain() {
  {
    MutexLock lock(mutex_);
    draining_ = true;
  }
  changed_.NotifyAll();
  MutexLock lock(join_mutex_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::Work() {
  while (true) {
    Entry entry;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !draining_) changed_.Wait(mutex_);
      if (queue_.empty()) return;
      entry = std::move(queue_.front());
      queue_.pop_front();
      standing_.Left(absl::Now() - entry.submitted, absl::Now());
    }
    const absl::Time now = absl::Now();
    queued_.Decrement();
    wait_seconds_.Observe(absl::ToDoubleSeconds(now - entry.submitted));
    const bool expired = now >= entry.deadline;
    if (expired) expired_.Increment();
    busy_.Increment();
    entry.job(expired);
    busy_.Decrement();
  }
}

}  // namespace arasta::concurrency
