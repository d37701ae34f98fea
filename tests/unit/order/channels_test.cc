#include "services/order/channels.h"

#include "gmock/gmock.h"
#include "tests/support/matchers.h"

namespace arasta::order {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using testing::HasViolation;
using testing::IsOkAndHolds;
using ::testing::Pair;
using testing::StatusIs;

TEST(ChannelsTest, ReadsEachOnesCurrency) {
  EXPECT_THAT(ParseChannels("web:EUR,us-east:USD"),
              IsOkAndHolds(ElementsAre(Pair("us-east", "USD"), Pair("web", "EUR"))));
}

TEST(ChannelsTest, RefusesWhatIsNoChannelOfACurrency) {
  for (const char* text : {"", "web", "web:", ":EUR", "web:ZZZ", "web:eur", "web:EUR,", "web:EUR:USD",
                           "web:EUR,web:USD", "us:USD"}) {
    EXPECT_THAT(ParseChannels(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(ChannelsTest, FindsTheDefaultOneWithoutAName) {
  const Channels channels = {{"web", "EUR"}, {"us", "USD"}};
  EXPECT_EQ(FindChannel(channels, "")->name, "web");
  EXPECT_EQ(FindChannel(channels, "us")->currency, "USD");
  EXPECT_THAT(FindChannel(channels, "moon"), HasReason("UNKNOWN_CHANNEL"));
  EXPECT_THAT(FindChannel(channels, "moon"), HasViolation("channel"));
}

}  // namespace
}  // namespace arasta::order
