// When a failed delivery is tried again. Pure.
#pragma once

#include "absl/time/time.h"

namespace arasta::notification {

// After so many failures in a row a delivery is dead; by then about a day has gone by.
constexpr int kMaxFailures = 24;

// Full jitter: anywhere, as `random` (0 to 1) says, between 5 s and a limit of 10 s, 20 s, 40 s … 4 h after
// the `failures`-th failure in a row (from 1), so that mails that failed together do not come back
// together.
absl::Duration RetryDelay(int failures, double random);

}  // namespace arasta::notification
