// Waiting for another process, whose clock a test can't hold: the one place where tests sleep. Within
// a process, hold the clock (fake_clock.h) or step the object (RunOnce) instead.
#pragma once

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace arasta::testing {

// Asks until `done()` is true or `patience` has passed; tells which.
template <class Done>
bool Eventually(Done done, absl::Duration patience = absl::Seconds(10)) {
  for (const absl::Time deadline = absl::Now() + patience; absl::Now() < deadline;) {
    if (done()) return true;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return done();
}

// Waits until `count()` has stayed the same for a tenth of a second; false where it does not.
template <class Count>
bool EventuallyStill(Count count, absl::Duration patience = absl::Seconds(2)) {
  constexpr int kLooks = 10;
  auto last = count();
  int same = 0;
  return Eventually(
      [&] {
        const auto now = count();
        same = now == last ? same + 1 : 0;
        last = now;
        return same > kLooks;
      },
      patience);
}

}  // namespace arasta::testing
