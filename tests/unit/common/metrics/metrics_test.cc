#include "common/metrics/metrics.h"

#include <prometheus/text_serializer.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace arasta::metrics {
namespace {

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameMetric) {
  Registry registry;
  Counter& tea = NewCounter("arasta_test_total", "Tests", {{"sku", "tea"}}, registry);
  Counter& coffee = NewCounter("arasta_test_total", "Tests", {{"sku", "coffee"}}, registry);
  EXPECT_EQ(&tea, &NewCounter("arasta_test_total", "Tests", {{"sku", "tea"}}, registry));
  EXPECT_NE(&tea, &coffee);
}

TEST(MetricsTest, AreExposedInPrometheusFormat) {
  Registry registry;
  NewCounter("arasta_test_total", "Tests", {{"sku", "tea"}}, registry).Increment(2);
  NewHistogram("arasta_test_seconds", "Time", {}, {0.1, 1}, registry).Observe(0.5);
  const std::string text = prometheus::TextSerializer().Serialize(registry.Collect());
  EXPECT_THAT(text, testing::HasSubstr("arasta_test_total{sku=\"tea\"} 2"));
  EXPECT_THAT(text, testing::HasSubstr("arasta_test_seconds_bucket{le=\"0.1\"} 0"));
  EXPECT_THAT(text, testing::HasSubstr("arasta_test_seconds_bucket{le=\"1\"} 1"));
}

}  // namespace
}  // namespace arasta::metrics
