#include "common/concurrency/standing_queue.h"

#include <algorithm>

namespace arasta::concurrency {

void StandingQueue::Left(absl::Duration wait, absl::Time now) {
  if (wait <= target_) standing_ = false;
  if (now < interval_end_) {
    shortest_ = std::min(shortest_, wait);
    return;
  }
  // Since the interval ended nothing has left; only an item that was there all the while shows that the
  // queue was not empty meanwhile.
  const bool never_empty = wait >= now - interval_end_;
  standing_ = never_empty && std::min(shortest_, wait) > target_;
  shortest_ = wait;
  interval_end_ = now + interval_;
}

}  // namespace arasta::concurrency
