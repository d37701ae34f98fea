#include "services/gateway/latency_window.h"

#include <gtest/gtest.h>

namespace arasta::gateway {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr size_t kSamples = LatencyWindow::kSamples;

// Whether the last of so many answers completed a window.
bool AddSome(LatencyWindow& window, size_t count, int64_t latency_ns, int64_t now_ns) {
  bool complete = false;
  for (size_t i = 0; i < count; ++i) complete = window.Add(latency_ns, now_ns);
  return complete;
}

TEST(LatencyWindowTest, TellsNothingOfAFewAnswers) {
  LatencyWindow window;
  EXPECT_FALSE(AddSome(window, kSamples - 1, kMs, 0));
  EXPECT_LT(window.TypicalNs(0), 0);
  EXPECT_TRUE(window.Add(kMs, 0));
  EXPECT_EQ(window.TypicalNs(0), kMs);
  EXPECT_FALSE(window.Add(kMs, 0)) << "another window";
}

TEST(LatencyWindowTest, IsNotMovedByTheSlowestFew) {
  LatencyWindow window;
  AddSome(window, kSamples / 2 - 1, 5000 * kMs, 0);
  EXPECT_TRUE(AddSome(window, kSamples / 2 + 1, kMs, 0));
  EXPECT_EQ(window.TypicalNs(0), kMs);
}

TEST(LatencyWindowTest, ForgetsWhatIsOld) {
  LatencyWindow window;
  AddSome(window, kSamples, kMs, 0);
  EXPECT_EQ(window.TypicalNs(LatencyWindow::kLongestNs), kMs);
  EXPECT_LT(window.TypicalNs(LatencyWindow::kLongestNs + 1), 0);
  AddSome(window, kSamples - 1, kMs, LatencyWindow::kLongestNs);
  EXPECT_FALSE(window.Add(kMs, 2 * LatencyWindow::kLongestNs + 1));
}

TEST(LatencyWindowTest, StandsOutAtTenTimesTheMedianOfTheOthers) {
  EXPECT_FALSE(StandsOut(1000 * kMs, {})) << "there are no others";
  EXPECT_FALSE(StandsOut(100 * kMs, {10 * kMs}));
  EXPECT_TRUE(StandsOut(100 * kMs + 1, {10 * kMs}));
  EXPECT_TRUE(StandsOut(101 * kMs, {10 * kMs, 10 * kMs, 5000 * kMs}));
  EXPECT_FALSE(StandsOut(20 * kMs, {kMs})) << "that may be a busy machine";
  EXPECT_TRUE(StandsOut(22 * kMs, {kMs}));
}

}  // namespace
}  // namespace arasta::gateway
