#include "services/auth/rotation.h"

#include <gtest/gtest.h>

namespace arasta::auth {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// The session's newest token is number 5, handed out at kNow.
SessionState Session() {
  SessionState state;
  state.counter = 5;
  state.rotated_time = kNow;
  state.expire_time = kNow + absl::Hours(24 * 30);
  return state;
}

struct Case {
  const char* name;
  int64_t presented;
  absl::Duration later;
  absl::Duration grace;
  Rotation expected;
};

class RotationTest : public testing::TestWithParam<Case> {};

TEST_P(RotationTest, IsDecidedByCounterAndTime) {
  SessionPolicy policy;
  policy.grace = GetParam().grace;
  EXPECT_EQ(Decide(Session(), GetParam().presented, policy, kNow + GetParam().later), GetParam().expected);
}

constexpr absl::Duration kGrace = absl::Seconds(10);

INSTANTIATE_TEST_SUITE_P(
    Table, RotationTest,
    testing::Values(
        Case{"NewestSteps", 5, absl::ZeroDuration(), kGrace, Rotation::kStep},
        Case{"NewestStepsUntilIdle", 5, absl::Hours(14 * 24) - absl::Nanoseconds(1), kGrace, Rotation::kStep},
        Case{"IdleIsRefused", 5, absl::Hours(14 * 24), kGrace, Rotation::kRefuse},
        Case{"PreviousRepeatsAtOnce", 4, absl::ZeroDuration(), kGrace, Rotation::kRepeat},
        Case{"PreviousRepeatsInGrace", 4, absl::Seconds(9.999), kGrace, Rotation::kRepeat},
        Case{"PreviousRepeatsForASlowerClock", 4, absl::Seconds(-2), kGrace, Rotation::kRepeat},
        Case{"PreviousIsReuseAfterGrace", 4, absl::Seconds(10), kGrace, Rotation::kReuse},
        Case{"PreviousIsReuseWithoutGrace", 4, absl::ZeroDuration(), absl::ZeroDuration(), Rotation::kReuse},
        Case{"OlderIsReuseAtOnce", 3, absl::ZeroDuration(), kGrace, Rotation::kReuse},
        Case{"OldestIsReuse", 1, absl::Hours(1), kGrace, Rotation::kReuse},
        Case{"ReuseWhenIdleIsOnlyRefused", 3, absl::Hours(14 * 24), kGrace, Rotation::kRefuse},
        Case{"FutureIsRefused", 6, absl::ZeroDuration(), kGrace, Rotation::kRefuse}),
    [](const auto& info) { return info.param.name; });

TEST(RotationEndsTest, RevokedAndDisabledAreRefusedWhateverIsPresented) {
  SessionState revoked = Session();
  revoked.revoked = true;
  SessionState disabled = Session();
  disabled.disabled = true;
  for (int64_t counter = 1; counter < 8; ++counter) {
    EXPECT_EQ(Decide(revoked, counter, SessionPolicy(), kNow), Rotation::kRefuse);
    EXPECT_EQ(Decide(disabled, counter, SessionPolicy(), kNow), Rotation::kRefuse);
  }
}

TEST(RotationEndsTest, AbsoluteLifeEndsASessionInUse) {
  SessionState state = Session();
  state.expire_time = kNow + absl::Hours(1);
  EXPECT_EQ(RefreshExpireTime(state, SessionPolicy()), state.expire_time);
  EXPECT_EQ(Decide(state, 5, SessionPolicy(), state.expire_time - absl::Nanoseconds(1)), Rotation::kStep);
  EXPECT_EQ(Decide(state, 5, SessionPolicy(), state.expire_time), Rotation::kRefuse);
}

// Any order of uses, each seeing the row as the last left it: a second holder of the token never ends
// with a token that works while the first one's works too, beyond the grace window.
TEST(RotationEndsTest, TwoHoldersNeverBothGoOnBeyondTheGrace) {
  SessionState state = Session();
  absl::Time now = kNow;
  int64_t thief = state.counter, owner = state.counter;
  for (int turn = 0; turn < 20 && !state.revoked; ++turn) {
    int64_t& holder = turn % 2 == 0 ? owner : thief;
    const Rotation rotation = Decide(state, holder, SessionPolicy(), now);
    if (rotation == Rotation::kStep) holder = ++state.counter, state.rotated_time = now;
    if (rotation == Rotation::kRepeat) holder = state.counter;
    if (rotation == Rotation::kReuse) state.revoked = true;
    now += absl::Minutes(8);
  }
  EXPECT_TRUE(state.revoked);
}

}  // namespace
}  // namespace arasta::auth
