#include "tests/bench/load/pacer.h"

#include <gtest/gtest.h>

#include "tests/bench/load/histogram.h"

namespace arasta::bench {
namespace {

constexpr Nanos kMillisecond = 1'000'000;
constexpr Nanos kSecond = 1000 * kMillisecond;

// A server that answers in a millisecond, but from 2 s to 3 s answers nobody; one request a millisecond is
// due for ten seconds. Answers come at once where it holds up several.
Histogram LatenciesWithAStall(Pacer pacer) {
  Histogram latencies;
  for (Nanos now = 0; now < 11 * kSecond; now += kMillisecond) {
    const bool stalled = now >= 2 * kSecond && now < 3 * kSecond;
    if (stalled) continue;  // A generator with one connection can't send meanwhile.
    while (const absl::optional<Nanos> intended = pacer.Next(now)) {
      latencies.Record(now + kMillisecond - *intended);
      pacer.Ended();
    }
  }
  return latencies;
}

TEST(PacerTest, OpenLoopLetsAStallBeFeltByAllWhoWouldHaveCome) {
  const Histogram latencies = LatenciesWithAStall(Pacer::OpenLoop(1000, 0, 10 * kSecond));
  EXPECT_EQ(latencies.count(), 10'000);
  // A tenth of all came during the stall, and waited for half a second on average.
  EXPECT_NEAR(static_cast<double>(latencies.Percentile(95)), 0.5 * kSecond, 0.01 * kSecond);
  EXPECT_NEAR(static_cast<double>(latencies.Percentile(100)), 1.0 * kSecond, 0.01 * kSecond);
  EXPECT_LT(latencies.Percentile(89), 1.01 * kMillisecond);
}

TEST(PacerTest, OpenLoopIsNotSlowedByAnswersThatDoNotCome) {
  Pacer pacer = Pacer::OpenLoop(100, 0, kSecond);
  int due = 0;
  while (pacer.Next(kSecond)) ++due;
  EXPECT_EQ(due, 100);
  EXPECT_TRUE(pacer.Over(kSecond));
}

TEST(PacerTest, OpenLoopGivesTheBeatNotTheHour) {
  Pacer pacer = Pacer::OpenLoop(10, 5 * kSecond, 6 * kSecond);
  EXPECT_EQ(pacer.NextDue(), 5 * kSecond);
  EXPECT_EQ(pacer.Next(4 * kSecond), absl::nullopt);
  EXPECT_EQ(pacer.Next(5 * kSecond + 250 * kMillisecond), 5 * kSecond);
  EXPECT_EQ(pacer.Next(5 * kSecond + 250 * kMillisecond), 5 * kSecond + 100 * kMillisecond);
  EXPECT_EQ(pacer.Next(5 * kSecond + 250 * kMillisecond), 5 * kSecond + 200 * kMillisecond);
  EXPECT_EQ(pacer.Next(5 * kSecond + 250 * kMillisecond), absl::nullopt);
}

TEST(PacerTest, ClosedLoopKeepsSoManyUnderWay) {
  Pacer pacer = Pacer::ClosedLoop(2, 0, kSecond);
  EXPECT_EQ(pacer.Next(10), 10);
  EXPECT_EQ(pacer.Next(11), 11);
  EXPECT_EQ(pacer.Next(12), absl::nullopt);
  pacer.Ended();
  EXPECT_EQ(pacer.Next(13), 13);
  pacer.Ended();
  EXPECT_FALSE(pacer.Over(kSecond - 1));
  EXPECT_EQ(pacer.Next(kSecond), absl::nullopt);
  EXPECT_TRUE(pacer.Over(kSecond));
}

}  // namespace
}  // namespace arasta::bench
