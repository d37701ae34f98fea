#include "services/notification/retry.h"

#include <gtest/gtest.h>

namespace arasta::notification {
namespace {

TEST(RetryDelayTest, ARefusalsDelayDoublesFromTenSecondsToFourHours) {
  EXPECT_EQ(RetryDelay(Trouble::kRefused, 1, 1.0), absl::Seconds(10));
  EXPECT_EQ(RetryDelay(Trouble::kRefused, 2, 1.0), absl::Seconds(20));
  EXPECT_EQ(RetryDelay(Trouble::kRefused, 3, 1.0), absl::Seconds(40));
  EXPECT_EQ(RetryDelay(Trouble::kRefused, 11, 1.0), absl::Seconds(10240));
  EXPECT_EQ(RetryDelay(Trouble::kRefused, 12, 1.0), absl::Hours(4));
  EXPECT_EQ(RetryDelay(Trouble::kRefused, 1000000, 1.0), absl::Hours(4));
}

TEST(RetryDelayTest, WhoIsAwayIsAskedWithin25SecondsForTenMinutes) {
  EXPECT_EQ(RetryDelay(Trouble::kAway, 1, 1.0), absl::Seconds(10));
  absl::Duration least = absl::ZeroDuration();
  for (int failures = 1; least < absl::Minutes(10); ++failures) {
    const absl::Duration delay = RetryDelay(Trouble::kAway, failures, 0.5);
    ASSERT_LE(RetryDelay(Trouble::kAway, failures, 1.0), absl::Seconds(25)) << least;
    least += delay;
  }
}

TEST(RetryDelayTest, WhoStaysAwayIsAskedEverMoreSeldomForAboutADay) {
  absl::Duration whole = absl::ZeroDuration();
  for (int failures = 1; failures < MaxFailures(Trouble::kAway); ++failures) {
    whole += RetryDelay(Trouble::kAway, failures, 0.5);
  }
  EXPECT_EQ(RetryDelay(Trouble::kAway, MaxFailures(Trouble::kAway), 1.0), absl::Hours(4));
  EXPECT_GT(whole, absl::Hours(20));
}

TEST(RetryDelayTest, SpreadsOverTheWholeDelayFromFiveSecondsOn) {
  EXPECT_EQ(RetryDelay(Trouble::kRefused, 3, 0.0), absl::Seconds(5));
  EXPECT_EQ(RetryDelay(Trouble::kRefused, 3, 0.5), absl::Seconds(22.5));
  EXPECT_EQ(RetryDelay(Trouble::kAway, 30, 0.5), absl::Seconds(15));
  EXPECT_EQ(RetryDelay(Trouble::kAway, 1000000, 0.0), absl::Seconds(5));
}

TEST(RetryDelayTest, NeverGrowsShorter) {
  for (const Trouble trouble : {Trouble::kAway, Trouble::kRefused}) {
    for (int failures = 1; failures < MaxFailures(trouble); ++failures) {
      EXPECT_LE(RetryDelay(trouble, failures, 1.0), RetryDelay(trouble, failures + 1, 1.0));
    }
  }
}

}  // namespace
}  // namespace arasta::notification
