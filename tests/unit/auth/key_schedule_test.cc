#include "services/auth/key_schedule.h"

#include <gtest/gtest.h>

namespace arasta::auth {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const KeyPolicy kPolicy;

TEST(KeyScheduleTest, TheFirstKeySignsAtOnce) {
  const KeySchedule schedule = ScheduleKeys({}, kPolicy, kNow);
  ASSERT_TRUE(schedule.due);
  EXPECT_EQ(schedule.due->generation, 1);
  EXPECT_EQ(schedule.due->activate_time, kNow);
}

TEST(KeyScheduleTest, TheNextKeyIsMadeALeadBeforeItsTime) {
  const std::vector<KeyTimes> keys = {{1, kNow}};
  EXPECT_FALSE(ScheduleKeys(keys, kPolicy, kNow + kPolicy.period - kPolicy.lead - absl::Seconds(1)).due);
  const KeySchedule schedule = ScheduleKeys(keys, kPolicy, kNow + kPolicy.period - kPolicy.lead);
  ASSERT_TRUE(schedule.due);
  EXPECT_EQ(schedule.due->activate_time, kNow + kPolicy.period);
  EXPECT_EQ(schedule.current, 1);
}

TEST(KeyScheduleTest, AKeyMadeLateIsStillPublishedALeadBeforeItSigns) {
  const absl::Time late = kNow + kPolicy.period * 3;
  const KeySchedule schedule = ScheduleKeys({{1, kNow}}, kPolicy, late);
  ASSERT_TRUE(schedule.due);
  EXPECT_EQ(schedule.due->activate_time, late + kPolicy.lead);
  EXPECT_EQ(schedule.current, 1);
}

TEST(KeyScheduleTest, OnlyOneKeyIsMadeAhead) {
  const std::vector<KeyTimes> keys = {{1, kNow}, {2, kNow + kPolicy.period}};
  EXPECT_FALSE(ScheduleKeys(keys, kPolicy, kNow + kPolicy.period - absl::Seconds(1)).due);
}

TEST(KeyScheduleTest, AnOldKeyStaysUntilItsLastTokenIsDead) {
  const std::vector<KeyTimes> keys = {{4, kNow}, {5, kNow + kPolicy.period}};
  const absl::Time change = kNow + kPolicy.period;
  EXPECT_EQ(ScheduleKeys(keys, kPolicy, change).current, 5);
  EXPECT_EQ(ScheduleKeys(keys, kPolicy, change + kPolicy.linger - absl::Nanoseconds(1)).oldest_published, 4);
  EXPECT_EQ(ScheduleKeys(keys, kPolicy, change + kPolicy.linger).oldest_published, 5);
}

TEST(KeyScheduleTest, AClockThatWentBackFindsAKeyAllTheSame) {
  EXPECT_EQ(ScheduleKeys({{3, kNow}}, kPolicy, kNow - absl::Hours(1)).current, 3);
}

}  // namespace
}  // namespace arasta::auth
