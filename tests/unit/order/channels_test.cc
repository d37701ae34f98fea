#include "services/order/channels.h"

#include "gmock/gmock.h"
#include "tests/support/matchers.h"

namespace arasta::order {
namespace {

using testing::HasReason;
using testing::HasViolation;

TEST(ChannelsTest, FindsTheDefaultOneWithoutAName) {
  const shop::Channels channels = {{"web", "EUR"}, {"us", "USD"}};
  EXPECT_EQ(FindChannel(channels, "")->name, "web");
  EXPECT_EQ(FindChannel(channels, "us")->currency, "USD");
  EXPECT_THAT(FindChannel(channels, "moon"), HasReason("UNKNOWN_CHANNEL"));
  EXPECT_THAT(FindChannel(channels, "moon"), HasViolation("channel"));
}

}  // namespace
}  // namespace arasta::order
