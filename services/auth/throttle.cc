#include "services/auth/throttle.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace arasta::auth {
namespace {

void CountFailure(ThrottleState& state, const ThrottlePolicy& policy, absl::Time now) {
  ++state.failures;
  const int beyond = state.failures - policy.free_failures;
  if (beyond < 0) return;
  absl::Duration wait = policy.first_wait;
  for (int i = 0; i < beyond && wait < policy.longest_wait; ++i) wait *= 2;
  state.locked_until = std::max(state.locked_until, now + std::min(wait, policy.longest_wait));
}

void ExpireCharges(ThrottleState& state, const ThrottlePolicy& policy, absl::Time now) {
  while (!state.charges.empty() && state.charges.front() <= now) {
    // Charged to the moment it was given up, not to the moment somebody noticed.
    CountFailure(state, policy, state.charges.front());
    state.charges.erase(state.charges.begin());
  }
}

absl::optional<absl::Time> ParseMicros(absl::string_view text) {
  int64_t micros;
  if (!absl::SimpleAtoi(text, &micros)) return absl::nullopt;
  return absl::FromUnixMicros(micros);
}

}  // namespace

Charge ChargeAttempt(ThrottleState& state, const ThrottlePolicy& policy, absl::Time now) {
  ExpireCharges(state, policy, now);
  if (now < state.locked_until) return {Charge::Verdict::kLocked, absl::InfinitePast()};
  // Past the free failures, one guess at a time after each wait.
  const size_t allowed = std::max(1, policy.free_failures - state.failures);
  if (state.charges.size() >= allowed) return {Charge::Verdict::kWait, absl::InfinitePast()};
  // The encoding keeps microseconds, and the end must be found again.
  const absl::Time end = absl::FromUnixMicros(absl::ToUnixMicros(now + policy.charge_life));
  state.charges.insert(std::upper_bound(state.charges.begin(), state.charges.end(), end), end);
  return {Charge::Verdict::kGranted, end};
}

void SettleAttempt(ThrottleState& state, const ThrottlePolicy& policy, absl::Time now, absl::Time charge_end,
                   Outcome outcome) {
  const auto charge = std::find(state.charges.begin(), state.charges.end(), charge_end);
  const bool counted_already = charge == state.charges.end();
  if (!counted_already) state.charges.erase(charge);
  if (outcome == Outcome::kFailed && !counted_already) CountFailure(state, policy, now);
  if (outcome == Outcome::kSucceeded && policy.success_forgives) {
    state.failures = 0;
    state.locked_until = absl::InfinitePast();
  }
}

ThrottlePolicy QuarterOf(ThrottlePolicy policy) {
  policy.free_failures = std::max(1, policy.free_failures / 4);
  policy.first_wait = std::min(policy.first_wait * 4, policy.longest_wait);
  return policy;
}

std::string ThrottleState::Encode() const {
  std::string text = absl::StrCat(failures, "|", absl::ToUnixMicros(locked_until));
  for (absl::Time end : charges) absl::StrAppend(&text, "|", absl::ToUnixMicros(end));
  return text;
}

absl::optional<ThrottleState> ThrottleState::Decode(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '|');
  ThrottleState state;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &state.failures)) return absl::nullopt;
  const absl::optional<absl::Time> locked_until = ParseMicros(parts[1]);
  if (!locked_until) return absl::nullopt;
  state.locked_until = *locked_until;
  for (size_t i = 2; i < parts.size(); ++i) {
    const absl::optional<absl::Time> end = ParseMicros(parts[i]);
    if (!end) return absl::nullopt;
    state.charges.push_back(*end);
  }
  return state;
}

}  // namespace arasta::auth
