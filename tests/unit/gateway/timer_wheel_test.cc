#include "services/gateway/timer_wheel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace arasta::gateway {
namespace {

constexpr int64_t kMs = 1'000'000;

class TimerWheelTest : public testing::Test {
 protected:
  std::unique_ptr<Timer> Start(int name, int64_t due_ms) {
    auto timer = std::make_unique<Timer>([this, name] { fired_.push_back(name); });
    wheel_.Start(*timer, due_ms * kMs);
    return timer;
  }

  TimerWheel wheel_{0};
  std::vector<int> fired_;
};

TEST_F(TimerWheelTest, FiresWhatIsDueNeverEarlyAndAtMostATickLate) {
  const auto a = Start(1, 5);
  const auto b = Start(2, 10);
  wheel_.Advance(4 * kMs);
  EXPECT_TRUE(fired_.empty());
  wheel_.Advance(7 * kMs);
  EXPECT_THAT(fired_, testing::ElementsAre(1));
  wheel_.Advance(12 * kMs);
  EXPECT_THAT(fired_, testing::ElementsAre(1, 2));
}

TEST_F(TimerWheelTest, KeepsTimersBeyondOneRound) {
  const auto near = Start(1, 100);
  const auto far = Start(2, 100 + 2048 * 3);  // the same slot, three rounds on
  wheel_.Advance(200 * kMs);
  EXPECT_THAT(fired_, testing::ElementsAre(1));
  wheel_.Advance(6000 * kMs);
  EXPECT_THAT(fired_, testing::ElementsAre(1));
  wheel_.Advance(6300 * kMs);
  EXPECT_THAT(fired_, testing::ElementsAre(1, 2));
}

TEST_F(TimerWheelTest, FiresAllAfterALongSleep) {
  std::vector<std::unique_ptr<Timer>> timers;
  for (int i = 0; i < 100; ++i) timers.push_back(Start(i, 1 + i * 100));
  wheel_.Advance(3'600'000 * kMs);
  EXPECT_EQ(fired_.size(), 100u);
  EXPECT_EQ(wheel_.NextDueNs(), -1);
}

TEST_F(TimerWheelTest, ForgetsTimersThatAreCancelledOrGone) {
  const auto cancelled = Start(1, 10);
  auto gone = Start(2, 10);
  const auto kept = Start(3, 10);
  cancelled->Cancel();
  gone.reset();
  wheel_.Advance(20 * kMs);
  EXPECT_THAT(fired_, testing::ElementsAre(3));
}

TEST_F(TimerWheelTest, LetsACallbackRestartItselfAndCancelOthers) {
  std::unique_ptr<Timer> self, other;
  int count = 0;
  self = std::make_unique<Timer>([&] {
    if (other) other->Cancel();
    if (++count < 3) wheel_.Start(*self, (count + 1) * 10 * kMs);
  });
  other = Start(9, 10);
  wheel_.Start(*self, 10 * kMs);  // newest first within a slot: runs before `other`
  for (int ms = 0; ms <= 100; ms += 5) wheel_.Advance(ms * kMs);
  EXPECT_EQ(count, 3);
  EXPECT_TRUE(fired_.empty());
}

TEST_F(TimerWheelTest, TellsWhenToLookAgain) {
  EXPECT_EQ(wheel_.NextDueNs(), -1);
  const auto timer = Start(1, 50);
  EXPECT_EQ(wheel_.NextDueNs(), 50 * kMs);
}

}  // namespace
}  // namespace arasta::gateway
