#include "services/gateway/rate_limits.h"

#include "absl/strings/ascii.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/rate_limiter.h"
#include "tests/support/matchers.h"

namespace arasta::gateway {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;
using ::testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000'000;

TEST(RateLimitsTest, ReadsWhatIsNamedAndLeavesTheRest) {
  RateLimits limits{};
  ASSERT_THAT(ApplyRateLimits("read=50/s:100, credential=5/m:10,address=1/h:1", limits), IsOk());
  EXPECT_EQ(limits[options::v1::RATE_CLASS_READ], (RateLimit{kSecond / 50, 100}));
  EXPECT_EQ(limits[options::v1::RATE_CLASS_CREDENTIAL], (RateLimit{12 * kSecond, 10}));
  EXPECT_EQ(limits[kAddressRate], (RateLimit{3600 * kSecond, 1}));
  EXPECT_FALSE(limits[options::v1::RATE_CLASS_WRITE].limited());
  ASSERT_THAT(ApplyRateLimits("read=off", limits), IsOk());
  EXPECT_FALSE(limits[options::v1::RATE_CLASS_READ].limited());
  EXPECT_TRUE(limits[options::v1::RATE_CLASS_CREDENTIAL].limited());
}

TEST(RateLimitsTest, RefusesWhatIsNoLimit) {
  for (const char* text : {"read", "read=", "read=5", "read=5/s", "read=5/s:", "read=0/s:5", "read=5/s:0",
                           "read=-1/s:5", "read=5/d:5", "read=5/s:5:5", "raed=5/s:5", "=5/s:5",
                           "read=1000001/s:1", "read=1/h:25", "read=OFF"}) {
    RateLimits limits{};
    EXPECT_THAT(ApplyRateLimits(text, limits), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text)));
  }
}

TEST(RateLimitsTest, HasANameForEveryClassOfTheContract) {
  for (size_t rate = 1; rate < kRates; ++rate) {
    EXPECT_EQ(options::v1::RateClass_Name(static_cast<options::v1::RateClass>(rate)),
              "RATE_CLASS_" + absl::AsciiStrToUpper(RateName(rate)));
  }
}

TEST(RateLimiterTest, RefusesWithAllThatAClientNeedsToKnow) {
  RateLimits limits{};
  ASSERT_THAT(ApplyRateLimits("credential=5/m:2", limits), IsOk());
  RateLimiter limiter(limits);
  const auto take = [&](size_t rate) { return limiter.Take(rate, 7, kSecond); };
  EXPECT_EQ(take(options::v1::RATE_CLASS_CREDENTIAL), nullptr);
  EXPECT_EQ(take(options::v1::RATE_CLASS_CREDENTIAL), nullptr);
  const auto refusal = take(options::v1::RATE_CLASS_CREDENTIAL);
  ASSERT_NE(refusal, nullptr);
  EXPECT_THAT(refusal->status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(refusal->status, HasReason("RATE_LIMITED"));
  EXPECT_EQ(RetryAfterOf(refusal->status), absl::Seconds(12));
  EXPECT_EQ(refusal->fields.Find("retry-after"), "12");
  EXPECT_EQ(refusal->fields.Find("ratelimit-limit"), "2");
  EXPECT_EQ(refusal->fields.Find("ratelimit-remaining"), "0");
  EXPECT_EQ(refusal->fields.Find("ratelimit-reset"), "24");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(take(options::v1::RATE_CLASS_READ), nullptr);
}

TEST(RateLimiterTest, GoesOnWithTheBucketsOfLimitsThatStay) {
  RateLimits limits{};
  ASSERT_THAT(ApplyRateLimits("read=5/m:1,write=5/m:1", limits), IsOk());
  RateLimiter before(limits);
  for (const size_t rate : {options::v1::RATE_CLASS_READ, options::v1::RATE_CLASS_WRITE})
    EXPECT_EQ(before.Take(rate, 7, kSecond), nullptr);
  ASSERT_THAT(ApplyRateLimits("write=5/m:2", limits), IsOk());
  RateLimiter after(limits, &before);
  EXPECT_NE(after.Take(options::v1::RATE_CLASS_READ, 7, kSecond), nullptr);
  EXPECT_EQ(after.Take(options::v1::RATE_CLASS_WRITE, 7, kSecond), nullptr);
}

TEST(RateKeyTest, TakesANetworkOfIpv6ForOneClient) {
  EXPECT_EQ(RateKeyOfAddress("2001:db8:1:2::1"), RateKeyOfAddress("2001:db8:1:2:ffff::9%eth0"));
  EXPECT_NE(RateKeyOfAddress("2001:db8:1:2::1"), RateKeyOfAddress("2001:db8:1:3::1"));
  EXPECT_EQ(RateKeyOfAddress("::ffff:192.0.2.7"), RateKeyOfAddress("192.0.2.7"));
  EXPECT_NE(RateKeyOfAddress("192.0.2.8"), RateKeyOfAddress("192.0.2.7"));
}

// Gateways of different versions share buckets through Redis.
TEST(RateKeyTest, NeverChanges) {
  EXPECT_EQ(RateKeyOfPrincipal("users/0190b4f0-0000-7000-8000-000000000001"), 159509072768970334u);
  EXPECT_EQ(RateKeyOfAddress("192.0.2.7"), 8374553906348786469u);
}

}  // namespace
}  // namespace arasta::gateway
