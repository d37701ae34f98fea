#include "common/concurrency/standing_queue.h"

#include "gtest/gtest.h"

namespace arasta::concurrency {
namespace {

constexpr absl::Duration kTarget = absl::Milliseconds(5);
constexpr absl::Duration kInterval = absl::Milliseconds(100);

class StandingQueueTest : public testing::Test {
 protected:
  // Items leave every 10 ms for `duration`, each after `wait`.
  void Run(absl::Duration duration, absl::Duration wait) {
    for (absl::Duration t; t < duration; t += absl::Milliseconds(10)) {
      now_ += absl::Milliseconds(10);
      queue_.Left(wait, now_);
    }
  }

  absl::Time now_ = absl::UnixEpoch();
  StandingQueue queue_{kTarget, kInterval};
};

TEST_F(StandingQueueTest, ShortWaitsAreNoStandingQueue) {
  Run(absl::Seconds(1), absl::Milliseconds(4));
  EXPECT_FALSE(queue_.standing());
}

TEST_F(StandingQueueTest, ABurstShorterThanTheIntervalIsAbsorbed) {
  Run(absl::Milliseconds(90), absl::Milliseconds(50));
  EXPECT_FALSE(queue_.standing());
}

TEST_F(StandingQueueTest, LongWaitsForAWholeIntervalAre) {
  Run(absl::Milliseconds(250), absl::Milliseconds(50));
  EXPECT_TRUE(queue_.standing());
}

TEST_F(StandingQueueTest, OneShortWaitEndsIt) {
  Run(absl::Milliseconds(250), absl::Milliseconds(50));
  Run(absl::Milliseconds(10), absl::Milliseconds(1));
  EXPECT_FALSE(queue_.standing());
}

TEST_F(StandingQueueTest, ASilenceIsNotAQueue) {
  Run(absl::Milliseconds(90), absl::Milliseconds(50));
  now_ += absl::Seconds(10);
  Run(absl::Milliseconds(10), absl::Milliseconds(50));
  EXPECT_FALSE(queue_.standing());
}

TEST_F(StandingQueueTest, SlowWorkersDoNotHideIt) {
  queue_.Left(absl::Milliseconds(50), now_);
  now_ += absl::Seconds(1);
  queue_.Left(absl::Milliseconds(950), now_);
  EXPECT_TRUE(queue_.standing());
}

}  // namespace
}  // namespace arasta::concurrency
