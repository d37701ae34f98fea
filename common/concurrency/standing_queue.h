// Tells a queue that never empties from one that absorbs a burst: CoDel's estimator. Pure.
#pragma once

#include "absl/time/time.h"

namespace arasta::concurrency {

// The queue is standing when even the shortest wait of the last whole interval was over the target.
// Not thread-safe: lives under its queue's lock.
class StandingQueue {
 public:
  StandingQueue(absl::Duration target, absl::Duration interval) : target_(target), interval_(interval) {}

  // An item left the queue at `now` after `wait`.
  void Left(absl::Duration wait, absl::Time now);

  bool standing() const { return standing_; }

 private:
  const absl::Duration target_;
  const absl::Duration interval_;
  absl::Time interval_end_ = absl::InfinitePast();
  absl::Duration shortest_ = absl::ZeroDuration();
  bool standing_ = false;
};

}  // namespace arasta::concurrency
