#include "services/auth/throttle.h"

#include <gtest/gtest.h>

namespace arasta::auth {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const ThrottlePolicy kPolicy;
using Verdict = Charge::Verdict;

class ThrottleTest : public testing::Test {
 protected:
  // A whole attempt, when it is let in.
  Verdict Attempt(Outcome outcome) {
    const Charge charge = ChargeAttempt(state_, policy_, now_);
    if (charge.verdict == Verdict::kGranted) SettleAttempt(state_, policy_, now_, charge.end, outcome);
    return charge.verdict;
  }

  ThrottlePolicy policy_;
  ThrottleState state_;
  absl::Time now_ = kNow;
};

TEST_F(ThrottleTest, LetsFiveFailuresInAndThenDoublesTheWaitTo15Minutes) {
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Attempt(Outcome::kFailed), Verdict::kGranted);
  absl::Duration wait = absl::Seconds(1);
  for (int i = 0; i < 14; ++i) {
    now_ += wait - absl::Microseconds(1);
    EXPECT_EQ(Attempt(Outcome::kFailed), Verdict::kLocked) << wait;
    now_ += absl::Microseconds(1);
    EXPECT_EQ(Attempt(Outcome::kFailed), Verdict::kGranted) << wait;
    wait = std::min(wait * 2, absl::Minutes(15));
  }
  EXPECT_EQ(wait, absl::Minutes(15));
}

TEST_F(ThrottleTest, ParallelGuessesGetNoFurtherThanSerialOnes) {
  std::vector<Charge> granted;
  for (int i = 0; i < 500; ++i) {
    const Charge charge = ChargeAttempt(state_, policy_, now_);
    if (charge.verdict == Verdict::kGranted) granted.push_back(charge);
  }
  EXPECT_EQ(granted.size(), 5u);
  for (const Charge& charge : granted) SettleAttempt(state_, policy_, now_, charge.end, Outcome::kFailed);
  EXPECT_EQ(ChargeAttempt(state_, policy_, now_).verdict, Verdict::kLocked);
}

TEST_F(ThrottleTest, ParallelCorrectLoginsWaitForEachOtherAndAllSucceed) {
  std::vector<Charge> under_way;
  int succeeded = 0;
  while (succeeded < 20) {
    const Charge charge = ChargeAttempt(state_, policy_, now_);
    ASSERT_NE(charge.verdict, Verdict::kLocked);
    if (charge.verdict == Verdict::kGranted) {
      under_way.push_back(charge);
      continue;
    }
    SettleAttempt(state_, policy_, now_, under_way.back().end, Outcome::kSucceeded);
    under_way.pop_back();
    ++succeeded;
  }
}

TEST_F(ThrottleTest, ASuccessForgivesOnlyWhereThePolicySaysSo) {
  for (int i = 0; i < 4; ++i) Attempt(Outcome::kFailed);
  Attempt(Outcome::kSucceeded);
  EXPECT_EQ(state_.failures, 0);

  policy_.success_forgives = false;
  for (int i = 0; i < 4; ++i) Attempt(Outcome::kFailed);
  Attempt(Outcome::kSucceeded);
  EXPECT_EQ(state_.failures, 4);
}

TEST_F(ThrottleTest, AnAbandonedAttemptCountsForNothingAndALostOneForAFailure) {
  for (int i = 0; i < 50; ++i) ASSERT_EQ(Attempt(Outcome::kAbandoned), Verdict::kGranted);
  EXPECT_EQ(state_.failures, 0);

  const Charge lost = ChargeAttempt(state_, policy_, now_);
  now_ += policy_.charge_life;
  Attempt(Outcome::kAbandoned);
  EXPECT_EQ(state_.failures, 1);
  // And not for a second one when it turns up after all.
  SettleAttempt(state_, policy_, now_, lost.end, Outcome::kFailed);
  EXPECT_EQ(state_.failures, 1);
}

TEST_F(ThrottleTest, LetsOneGuessInAtATimeAfterAWait) {
  for (int i = 0; i < 5; ++i) Attempt(Outcome::kFailed);
  now_ += absl::Seconds(1);
  EXPECT_EQ(ChargeAttempt(state_, policy_, now_).verdict, Verdict::kGranted);
  EXPECT_EQ(ChargeAttempt(state_, policy_, now_).verdict, Verdict::kWait);
}

TEST_F(ThrottleTest, TheEncodingKeepsAll) {
  for (int i = 0; i < 6; ++i) Attempt(Outcome::kFailed);
  now_ += absl::Seconds(1);
  const Charge charge = ChargeAttempt(state_, policy_, now_);
  absl::optional<ThrottleState> copy = ThrottleState::Decode(state_.Encode());
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->failures, state_.failures);
  EXPECT_EQ(copy->locked_until, state_.locked_until);
  ASSERT_EQ(copy->charges.size(), 1u);
  EXPECT_EQ(copy->charges[0], charge.end);
  EXPECT_TRUE(ThrottleState::Decode(ThrottleState().Encode()));
}

TEST_F(ThrottleTest, RefusesWhatIsNoEncoding) {
  for (const char* junk : {"", "1", "a|b", "1|2|", "1|2|x", "|", "99999999999999|1"}) {
    EXPECT_FALSE(ThrottleState::Decode(junk)) << junk;
  }
}

}  // namespace
}  // namespace arasta::auth
