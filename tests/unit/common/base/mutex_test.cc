#include "common/base/mutex.h"

#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace arasta {
namespace {

struct Counter {
  Mutex mutex;
  CondVar changed;
  int value ABSL_GUARDED_BY(mutex) = 0;

  void Increment() {
    MutexLock lock(mutex);
    ++value;
    changed.NotifyAll();
  }
  int Value() {
    MutexLock lock(mutex);
    return value;
  }
};

TEST(MutexTest, ExcludesOtherThreads) {
  Counter counter;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&counter] {
        for (int n = 0; n < 1000; ++n) counter.Increment();
      });
    }
  }
  EXPECT_EQ(counter.Value(), 4000);
}

TEST(CondVarTest, WakesWhenTheConditionHolds) {
  Counter counter;
  std::jthread other([&counter] { counter.Increment(); });
  MutexLock lock(counter.mutex);
  while (counter.value == 0) counter.changed.Wait(counter.mutex);
  EXPECT_EQ(counter.value, 1);
}

TEST(CondVarTest, WaitForSaysThatTheTimeHasPassed) {
  Counter counter;
  MutexLock lock(counter.mutex);
  EXPECT_FALSE(counter.changed.WaitFor(counter.mutex, absl::Milliseconds(1)));
}

TEST(CondVarTest, AStopRequestEndsTheWait) {
  Counter counter;
  bool done = true;
  {
    std::jthread waiter([&](std::stop_token stop) {
      MutexLock lock(counter.mutex);
      done = counter.changed.Wait(counter.mutex, stop, [&] { return false; });
    });
  }
  EXPECT_FALSE(done);
}

}  // namespace
}  // namespace arasta
