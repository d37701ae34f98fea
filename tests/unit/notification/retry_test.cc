#include "services/notification/retry.h"

#include <gtest/gtest.h>

namespace arasta::notification {
namespace {

TEST(RetryDelayTest, DoublesFromTenSecondsToFourHours) {
  EXPECT_EQ(RetryDelay(1, 1.0), absl::Seconds(10));
  EXPECT_EQ(RetryDelay(2, 1.0), absl::Seconds(20));
  EXPECT_EQ(RetryDelay(3, 1.0), absl::Seconds(40));
  EXPECT_EQ(RetryDelay(11, 1.0), absl::Seconds(10240));
  EXPECT_EQ(RetryDelay(12, 1.0), absl::Hours(4));
  EXPECT_EQ(RetryDelay(1000000, 1.0), absl::Hours(4));
}

TEST(RetryDelayTest, SpreadsOverTheWholeDelayFromFiveSecondsOn) {
  EXPECT_EQ(RetryDelay(3, 0.0), absl::Seconds(5));
  EXPECT_EQ(RetryDelay(3, 0.5), absl::Seconds(22.5));
  EXPECT_EQ(RetryDelay(1000000, 0.0), absl::Seconds(5));
}

TEST(RetryDelayTest, NeverGrowsShorter) {
  for (int failures = 1; failures < kMaxFailures; ++failures) {
    EXPECT_LE(RetryDelay(failures, 1.0), RetryDelay(failures + 1, 1.0));
  }
}

}  // namespace
}  // namespace arasta::notification
