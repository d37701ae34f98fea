#include "tests/bench/load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

namespace arasta::bench {
namespace {

TEST(HistogramTest, IsExactForSmallValues) {
  Histogram histogram;
  for (int64_t value = 1; value <= 100; ++value) histogram.Record(value);
  EXPECT_EQ(histogram.Percentile(50), 50);
  EXPECT_EQ(histogram.Percentile(99), 99);
  EXPECT_EQ(histogram.Percentile(99.5), 100);
  EXPECT_EQ(histogram.Percentile(100), 100);
  EXPECT_DOUBLE_EQ(histogram.mean(), 50.5);
}

TEST(HistogramTest, StaysWithinOnePercentOfTheSortedValues) {
  std::mt19937_64 random(7);
  std::vector<int64_t> values;
  Histogram histogram;
  for (int i = 0; i < 100'000; ++i) {
    // From nanoseconds to minutes, evenly over the magnitudes.
    values.push_back(static_cast<int64_t>(std::exp2(std::uniform_real_distribution<>(0, 36)(random))));
    histogram.Record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double percent : {1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 99.99}) {
    const auto exact = static_cast<double>(values[static_cast<size_t>(percent / 100 * 100'000) - 1]);
    EXPECT_NEAR(static_cast<double>(histogram.Percentile(percent)), exact, exact / 100) << percent;
  }
}

TEST(HistogramTest, NeverTellsMoreThanTheLargest) {
  Histogram histogram;
  histogram.Record(1'000'001);
  EXPECT_EQ(histogram.Percentile(50), 1'000'001);
  EXPECT_EQ(histogram.max(), 1'000'001);
}

TEST(HistogramTest, TakesTheLargestAndTheSmallestValues) {
  Histogram histogram;
  histogram.Record(-5);
  histogram.Record(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(histogram.Percentile(50), 0);
  EXPECT_EQ(histogram.Percentile(100), std::numeric_limits<int64_t>::max());
}

TEST(HistogramTest, IsZeroWhenEmpty) {
  EXPECT_EQ(Histogram().Percentile(99), 0);
  EXPECT_EQ(Histogram().mean(), 0);
}

}  // namespace
}  // namespace arasta::bench
