#include "common/concurrency/worker_pool.h"

#include <atomic>
#include <memory>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "gtest/gtest.h"

namespace arasta::concurrency {
namespace {

const absl::Time kNoDeadline = absl::InfiniteFuture();

// Keeps one worker busy until released.
class Blocker {
 public:
  explicit Blocker(WorkerPool& pool) {
    EXPECT_TRUE(pool.Submit(kNoDeadline,
                            [this](bool) {
                              started_.Notify();
                              release_.WaitForNotification();
                            })
                    .ok());
    started_.WaitForNotification();
  }
  void Release() { release_.Notify(); }

 private:
  absl::Notification started_;
  absl::Notification release_;
};

TEST(WorkerPoolTest, RunsEveryAcceptedJobOnce) {
  std::atomic<int> runs{0};
  {
    WorkerPool pool("test", 4, 1000);
    for (int i = 0; i < 1000; ++i) {
      EXPECT_TRUE(pool.Submit(kNoDeadline, [&runs](bool expired) { runs += expired ? 0 : 1; }).ok());
    }
  }
  EXPECT_EQ(runs, 1000);
}

TEST(WorkerPoolTest, AFullQueueRefusesAndSaysWhenToRetry) {
  WorkerPool pool("test", 1, 2);
  Blocker blocker(pool);
  std::atomic<int> runs{0};
  const auto submit = [&] { return pool.Submit(kNoDeadline, [&runs](bool) { ++runs; }); };
  EXPECT_TRUE(submit().ok());
  EXPECT_TRUE(submit().ok());
  const absl::Status refused = submit();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
  EXPECT_GT(RetryAfterOf(refused), absl::ZeroDuration());
  blocker.Release();
  pool.Drain();
  EXPECT_EQ(runs, 2);
}

TEST(WorkerPoolTest, AJobWhoseDeadlinePassedIsToldSo) {
  WorkerPool pool("test", 1, 2);
  Blocker blocker(pool);
  bool late = false;
  bool in_time = true;
  EXPECT_TRUE(pool.Submit(absl::Now(), [&late](bool expired) { late = expired; }).ok());
  EXPECT_TRUE(pool.Submit(kNoDeadline, [&in_time](bool expired) { in_time = !expired; }).ok());
  blocker.Release();
  pool.Drain();
  EXPECT_TRUE(late);
  EXPECT_TRUE(in_time);
}

TEST(WorkerPoolTest, DrainFinishesTheQueueAndRefusesMore) {
  WorkerPool pool("test", 1, 10);
  std::atomic<int> runs{0};
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pool.Submit(kNoDeadline, [&runs](bool) { ++runs; }).ok());
  }
  pool.Drain();
  EXPECT_EQ(runs, 10);
  const absl::Status refused = pool.Submit(kNoDeadline, [](bool) {});
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused), "DRAINING");
}

TEST(WorkerPoolTest, ARefusedJobIsDestroyedUncalled) {
  WorkerPool pool("test", 1, 1);
  pool.Drain();
  auto witness = std::make_shared<int>(1);
  EXPECT_FALSE(pool.Submit(kNoDeadline, [witness](bool) { FAIL(); }).ok());
  EXPECT_EQ(witness.use_count(), 1);
}

}  // namespace
}  // namespace arasta::concurrency
