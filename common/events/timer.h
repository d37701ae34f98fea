// When a chore is due again.
#pragma once

#include "absl/time/time.h"

namespace arasta::events {

// A clock that jumps makes it due early, never late. Due at first.
class Timer {
 public:
  explicit Timer(absl::Duration interval) : interval_(interval) {}

  bool IsDue(absl::Time now) const { return now < last_ || now - last_ >= interval_; }

  // Whether it is due; if so, the next time is an interval away.
  bool Take(absl::Time now) {
    if (!IsDue(now)) return false;
    last_ = now;
    return true;
  }

 private:
  absl::Duration interval_;
  absl::Time last_ = absl::InfinitePast();
};

}  // namespace arasta::events
