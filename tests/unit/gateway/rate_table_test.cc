#include "services/gateway/rate_table.h"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "absl/random/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/resident.h"

namespace arasta::gateway {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr RateLimit kTenPerSecond = {.interval_ns = kSecond / 10, .burst = 5};

class RateTableTest : public ::testing::Test {
 protected:
  bool Take(RateTable& table, uint64_t key) { return table.Take(key, now_).allowed; }
  int TakeAll(RateTable& table, uint64_t key, int tries) {
    int allowed = 0;
    for (int i = 0; i < tries; ++i) allowed += Take(table, key) ? 1 : 0;
    return allowed;
  }

  int64_t now_ = 1000 * kSecond;
};

TEST_F(RateTableTest, AllowsABurstAndThenTheRate) {
  RateTable table(kTenPerSecond);
  EXPECT_EQ(TakeAll(table, 7, 100), 5);
  now_ += kSecond;
  EXPECT_EQ(TakeAll(table, 7, 100), 5);
  now_ += kSecond / 10;
  EXPECT_EQ(TakeAll(table, 7, 100), 1);
  int allowed = 0;
  for (int i = 0; i < 1000; ++i, now_ += kSecond / 100) allowed += Take(table, 7) ? 1 : 0;
  EXPECT_NEAR(allowed, 100, 1);
}

TEST_F(RateTableTest, TellsWhenToComeAgain) {
  RateTable table(kTenPerSecond);
  EXPECT_EQ(TakeAll(table, 7, 5), 5);
  const RateTable::Decision refused = table.Take(7, now_ + kSecond / 50);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_ns, kSecond / 10 - kSecond / 50);
  EXPECT_EQ(refused.full_ns, kSecond / 2 - kSecond / 50);
  now_ += kSecond / 50 + refused.retry_ns;
  EXPECT_TRUE(Take(table, 7));
}

TEST_F(RateTableTest, KeepsKeysApart) {
  RateTable table(kTenPerSecond);
  for (uint64_t key = 1; key <= 1000; ++key) EXPECT_EQ(TakeAll(table, key, 6), 5) << key;
}

TEST_F(RateTableTest, TakesMemoryAsKeysCome) {
  constexpr size_t kSets = 1 << 16;
  const int64_t before = arasta::testing::ResidentBytes();
  RateTable table(kTenPerSecond, kSets);
  for (uint64_t key = 1; key <= 100; ++key) Take(table, key);
  EXPECT_LT(arasta::testing::ResidentBytes() - before, int64_t{kSets} * 64);
}

TEST_F(RateTableTest, ForgetsFirstWhoIsIdle) {
  RateTable table(kTenPerSecond, 1);
  for (uint64_t key = 1; key <= 8; ++key) TakeAll(table, key, key == 3 ? 1 : 5);
  now_ += kSecond / 10;
  // Key 3's bucket is full by now: nothing is lost with it.
  const RateTable::Decision decision = table.Take(9, now_);
  EXPECT_TRUE(decision.allowed);
  EXPECT_FALSE(decision.took_over);
  EXPECT_EQ(TakeAll(table, 9, 10), 4);
  EXPECT_EQ(TakeAll(table, 1, 10), 1);
}

TEST_F(RateTableTest, GivesNoFreshBucketToWhoPushesAnotherOut) {
  RateTable table(kTenPerSecond, 1);
  int allowed = 0;
  for (uint64_t key = 1; key <= 10'000; ++key) allowed += TakeAll(table, key, 2);
  EXPECT_EQ(allowed, 8 * 5);
  EXPECT_TRUE(table.Take(20'000, now_).took_over);
}

TEST_F(RateTableTest, RefusesNobodyForLongWhenAllSlotsAreTaken) {
  RateTable table(kTenPerSecond, 1);
  for (uint64_t key = 1; key <= 8; ++key) TakeAll(table, key, 5);
  EXPECT_FALSE(Take(table, 9));
  now_ += kSecond / 10;
  EXPECT_TRUE(Take(table, 9));
}

TEST_F(RateTableTest, ServesAQuietKeyAmongAMillionOthers) {
  RateTable table({.interval_ns = kSecond / 50, .burst = 100});
  for (uint64_t i = 0; i < 1'000'000; ++i, now_ += 1000) {
    Take(table, 1'000'000 + i);
    if (i % 50'000 == 0) {
      EXPECT_TRUE(Take(table, 1)) << i;
    }
  }
}

TEST_F(RateTableTest, CollectsWhatWasTakenAndIsStillMissing) {
  RateTable table(kTenPerSecond);
  TakeAll(table, 7, 3);
  TakeAll(table, 8, 1);
  std::map<uint64_t, int64_t> collected;
  for (const RateTable::Taken& taken : table.Collect(100, now_ + kSecond / 20))
    collected[taken.key] = taken.ns;
  EXPECT_THAT(collected, ::testing::ElementsAre(::testing::Pair(7, 3 * kSecond / 10 - kSecond / 20),
                                                ::testing::Pair(8, kSecond / 10 - kSecond / 20)));
  EXPECT_THAT(table.Collect(100, now_), ::testing::IsEmpty());
  TakeAll(table, 7, 1);
  EXPECT_THAT(table.Collect(100, now_ + kSecond), ::testing::IsEmpty()) << "full again by then";
}

TEST_F(RateTableTest, CollectsInTurnsWhenThereIsMuch) {
  RateTable table(kTenPerSecond);
  for (uint64_t key = 1; key <= 1000; ++key) Take(table, key * 0x9e3779b97f4a7c15);
  std::map<uint64_t, int> collected;
  for (int turn = 0; turn < 200 && collected.size() < 1000; ++turn) {
    for (const RateTable::Taken& taken : table.Collect(10, now_)) ++collected[taken.key];
  }
  EXPECT_EQ(collected.size(), 1000u);
  EXPECT_THAT(collected, ::testing::Each(::testing::Pair(::testing::_, 1)));
}

TEST_F(RateTableTest, LiftsABucketAndWhatWasTakenMeanwhile) {
  RateTable table(kTenPerSecond);
  Take(table, 7);
  const std::vector<RateTable::Taken> taken = table.Collect(1, now_);
  ASSERT_EQ(taken.size(), 1u);
  Take(table, 7);
  // Elsewhere two more were taken: of five tokens one is left.
  table.Lift(taken[0], now_ + 3 * kSecond / 10, now_);
  EXPECT_EQ(TakeAll(table, 7, 10), 1);
  // What is less than is known here changes nothing; what no client could have done is bounded.
  table.Lift(taken[0], now_, now_);
  EXPECT_FALSE(Take(table, 7));
  table.Lift(taken[0], now_ + 3600 * kSecond, now_);
  now_ += 2 * kTenPerSecond.depth_ns();
  EXPECT_TRUE(Take(table, 7));
}

TEST_F(RateTableTest, LiftsNobodyElsesBucket) {
  RateTable table(kTenPerSecond, 1);
  Take(table, 7);
  const std::vector<RateTable::Taken> taken = table.Collect(1, now_);
  now_ += kSecond;
  for (uint64_t key = 10; key < 18; ++key) Take(table, key);
  table.Lift(taken[0], now_ + kSecond, now_);
  for (uint64_t key = 10; key < 18; ++key) EXPECT_EQ(TakeAll(table, key, 10), 4) << key;
}

TEST_F(RateTableTest, AdmitsExactlyTheLimitFromManyThreads) {
  RateTable table({.interval_ns = kSecond, .burst = 1000});
  std::array<std::atomic<int>, 4> allowed{};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 8000; ++i) {
        const uint64_t key = static_cast<uint64_t>(i % 4);
        if (Take(table, key + 1)) ++allowed[key];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Whoever first saw a key may have lost a token to another key's slot.
  for (const auto& count : allowed) EXPECT_NEAR(count, 1000, 4);
}

// More keys than slots, and one who collects and lifts meanwhile: nothing is lost, nothing is unlimited.
TEST_F(RateTableTest, StaysBoundedUnderAStormOfKeys) {
  constexpr int kThreads = 4;
  RateTable table({.interval_ns = kSecond, .burst = 10}, 4);
  std::atomic<int> allowed = 0;
  std::atomic<bool> done = false;
  std::thread sharing([&] {
    while (!done) {
      for (const RateTable::Taken& taken : table.Collect(100, now_)) table.Lift(taken, now_ + taken.ns, now_);
    }
  });
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      absl::InsecureBitGen random;
      for (int i = 0; i < 20'000; ++i) {
        if (Take(table, absl::Uniform<uint64_t>(random, 1, 100))) ++allowed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  sharing.join();
  EXPECT_GT(allowed, 0);
  EXPECT_LE(allowed, 4 * 8 * 10);
}

}  // namespace
}  // namespace arasta::gateway
