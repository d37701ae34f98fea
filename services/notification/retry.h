// When a failed delivery is tried again. Pure.
#pragma once

#include "absl/time/time.h"

namespace arasta::notification {

enum class Trouble {
  kAway,     // nobody answered: the mail server, or whoever knows the address
  kRefused,  // an answer for now
};

// After so many failures in a row a delivery is dead; by then about a day has gone by.
int MaxFailures(Trouble trouble);

// Full jitter: anywhere, as `random` (0 to 1) says, between 5 s and a limit, so that mails that failed
// together do not come back together. After the `failures`-th failure in a row (from 1) a refusal's limit is
// 10 s, 20 s, 40 s … 4 h. Somebody who is away is asked every 25 s at least for the first ten minutes, so
// that a mail leaves within 30 s of their return, and ever more seldom after that.
absl::Duration RetryDelay(Trouble trouble, int failures, double random);

}  // namespace arasta::notification
