// When each signing key is published, used and forgotten: a pure rule over the rows. A key is published
// before it is used, so that every verifier knows it in time, and stays published until the last token
// it signed is dead.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace arasta::auth {

struct KeyPolicy {
  // How long one key signs.
  absl::Duration period = absl::Hours(30 * 24);
  // How long before its use a key is published. Longer than verifiers and replicas take to look.
  absl::Duration lead = absl::Hours(24);
  // How long after its use a key stays: a token's life and the verifiers' leeway.
  absl::Duration linger = absl::Minutes(10) + absl::Seconds(30);
};

struct KeyTimes {
  int64_t generation = 0;
  absl::Time activate_time;
};

struct KeySchedule {
  // The generation that signs now; 0 when there is none.
  int64_t current = 0;
  // The oldest generation that is still published; those before it may be deleted.
  int64_t oldest_published = 0;
  // The key to be made now, when one is due.
  absl::optional<KeyTimes> due;
};

// `keys` in order of generation.
KeySchedule ScheduleKeys(const std::vector<KeyTimes>& keys, const KeyPolicy& policy, absl::Time now);

}  // namespace arasta::auth
