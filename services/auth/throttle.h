// How guessing is slowed down: a step function over a small state per key (an account, an address),
// without a clock or a store. login_throttle.h keeps the states.
//
// An attempt is charged before the password is looked at and settled after it. Attempts under way
// count as failures until they are settled, so parallel guesses get no further than serial ones; one
// that can't be charged only because others are under way is told to wait for them, so parallel
// correct logins all succeed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace arasta::auth {

struct ThrottlePolicy {
  // Failures before the first wait.
  int free_failures = 5;
  // Doubles with every further failure.
  absl::Duration first_wait = absl::Seconds(1);
  absl::Duration longest_wait = absl::Minutes(15);
  // A charge not settled by then (its process died) counts as a failure.
  absl::Duration charge_life = absl::Seconds(15);
  // Failures are forgotten this long after the last attempt.
  absl::Duration memory = absl::Hours(1);
  // Whether a success forgets the failures before it. Not for addresses: an attacker has an account
  // of his own to succeed with.
  bool success_forgives = true;
};

// For states that replicas do not share, so each is stricter than all of them would be together.
ThrottlePolicy QuarterOf(ThrottlePolicy policy);

// Regular. The encoding is "failures|locked until|charge end|charge end…", in Unix microseconds.
struct ThrottleState {
  int failures = 0;
  absl::Time locked_until = absl::InfinitePast();
  // When each attempt under way stops being waited for, oldest first.
  std::vector<absl::Time> charges;

  std::string Encode() const;
  // Nullopt when `text` is not an encoding.
  static absl::optional<ThrottleState> Decode(absl::string_view text);
};

struct Charge {
  enum class Verdict {
    kGranted,
    // Others are under way; ask again when they have been settled.
    kWait,
    kLocked,
  };
  Verdict verdict;
  // When granted: what SettleAttempt knows the attempt by.
  absl::Time end;
};

enum class Outcome {
  kSucceeded,
  kFailed,
  // Nobody learned whether the guess was right.
  kAbandoned,
};

// Adds a charge to `state` when it is granted.
Charge ChargeAttempt(ThrottleState& state, const ThrottlePolicy& policy, absl::Time now);

// Takes the charge off `state` and counts what came of it.
void SettleAttempt(ThrottleState& state, const ThrottlePolicy& policy, absl::Time now, absl::Time charge_end,
                   Outcome outcome);

}  // namespace arasta::auth
