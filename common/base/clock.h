// The time of day, passed in, so that tests can hold it (tests/support/fake_clock.h).
#pragma once

#include "absl/time/time.h"

namespace arasta {

// Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// The machine's clock; lives for ever.
const Clock& RealClock();

}  // namespace arasta
