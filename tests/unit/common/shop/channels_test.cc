#include "common/shop/channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace arasta::shop {
namespace {

using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(ChannelsTest, HaveACurrencyEach) {
  EXPECT_THAT(ParseChannels("web:EUR"), IsOkAndHolds(ElementsAre(Pair("web", "EUR"))));
  EXPECT_THAT(ParseChannels("web:TRY,us-east:USD"),
              IsOkAndHolds(ElementsAre(Pair("us-east", "USD"), Pair("web", "TRY"))));
}

TEST(ChannelsTest, AreNoOtherText) {
  for (const char* text : {"", ",", "web", "web:", ":EUR", "web:ZZZ", "web:eur", "web:DEM", "web:EUR,",
                           "web:EUR:USD", "Web:EUR", "web: EUR", " web:EUR", "web:EUR,1:USD", "web:EUR,-:USD",
                           "web:EUR,u_s:USD", "web:EUR,web:USD", "web:EUR,web:EUR", "us:USD"}) {
    EXPECT_THAT(ParseChannels(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(ChannelsTest, HaveNamesThatTheContractsCanHold) {
  const std::string longest(30, 'w');
  EXPECT_THAT(ParseChannels("web:EUR," + longest + ":EUR"),
              IsOkAndHolds(ElementsAre(Pair("web", "EUR"), Pair(longest, "EUR"))));
  EXPECT_THAT(ParseChannels("web:EUR," + longest + "w:EUR"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ChannelsTest, AreReadFromTheEnvironment) {
  config::Config config({{"ARASTA_PROFILE", "test"}, {"ARASTA_CHANNELS", "web:TRY"}}, {});
  EXPECT_THAT(ReadChannels(config), ElementsAre(Pair("web", "TRY")));
  config::Config silent({{"ARASTA_PROFILE", "test"}}, {});
  EXPECT_THAT(ReadChannels(silent), ElementsAre(Pair("web", "EUR")));
  EXPECT_TRUE(config.Finish().ok() && silent.Finish().ok());
}

TEST(ChannelsTest, AreAProblemOfTheConfigurationWhereTheyAreNone) {
  config::Config config({{"ARASTA_PROFILE", "test"}, {"ARASTA_CHANNELS", "us:USD"}}, {});
  ReadChannels(config);
  EXPECT_THAT(std::string(config.Finish().message()),
              HasSubstr("ARASTA_CHANNELS: the channel web is missing"));
}

}  // namespace
}  // namespace arasta::shop
