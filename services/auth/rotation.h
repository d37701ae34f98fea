// What a refresh token is worth, decided from the session's row alone: a step function without a
// clock, a database or a key, so that every interleaving can be simulated.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace arasta::auth {

// How long sessions live and how they refresh.
struct SessionPolicy {
  // From the login on, whatever happens.
  absl::Duration absolute_life = absl::Hours(30 * 24);
  // From the last refresh on.
  absl::Duration idle_life = absl::Hours(14 * 24);
  // How long the last token used may be used again, for a client whose answer got lost and for tabs
  // that refresh at once. Zero: never.
  absl::Duration grace = absl::Seconds(10);
  absl::Duration access_token_life = absl::Minutes(10);
};

// A session's row, as far as it decides.
struct SessionState {
  // The counter of the one token that is good now.
  int64_t counter = 1;
  // When the counter stepped last; the login, for the first one.
  absl::Time rotated_time;
  // The absolute end.
  absl::Time expire_time;
  bool revoked = false;
  // The owner's account is disabled.
  bool disabled = false;
};

enum class Rotation {
  // The newest token: step the counter, by compare-and-set on the counter decided upon.
  kStep,
  // The token before it, inside the grace window: hand out the newest token again.
  kRepeat,
  // An older token, or the one before too late: two hold it. Revoke the session.
  kReuse,
  // Nothing to be had, and nothing to be done.
  kRefuse,
};

Rotation Decide(const SessionState& state, int64_t presented_counter, const SessionPolicy& policy,
                absl::Time now);

// When the refresh token dies if it is not used before.
absl::Time RefreshExpireTime(const SessionState& state, const SessionPolicy& policy);

}  // namespace arasta::auth
