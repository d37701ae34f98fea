#include "services/auth/rotation.h"

#include <algorithm>

namespace arasta::auth {

absl::Time RefreshExpireTime(const SessionState& state, const SessionPolicy& policy) {
  return std::min(state.expire_time, state.rotated_time + policy.idle_life);
}

Rotation Decide(const SessionState& state, int64_t presented_counter, const SessionPolicy& policy,
                absl::Time now) {
  if (state.revoked || state.disabled || now >= RefreshExpireTime(state, policy)) return Rotation::kRefuse;
  if (presented_counter == state.counter) return Rotation::kStep;
  // Ours, but from a future that a restored database has not seen. Its holder did nothing wrong.
  if (presented_counter > state.counter) return Rotation::kRefuse;
  const bool previous = presented_counter == state.counter - 1;
  // Strictly inside, so that a grace of zero forgives nothing, not even in the same instant.
  if (previous && now < state.rotated_time + policy.grace) return Rotation::kRepeat;
  return Rotation::kReuse;
}

}  // namespace arasta::auth
