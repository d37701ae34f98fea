#include "services/catalog/channels.h"

#include "gmock/gmock.h"
#include "tests/support/matchers.h"

namespace arasta::catalog {
namespace {

using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Pair;

TEST(ParseChannelsTest, ReadsEachChannelsCurrency) {
  EXPECT_THAT(ParseChannels("web:EUR"), IsOkAndHolds(ElementsAre(Pair("web", "EUR"))));
  EXPECT_THAT(ParseChannels("web:TRY,us-east:USD"),
              IsOkAndHolds(ElementsAre(Pair("us-east", "USD"), Pair("web", "TRY"))));
}

TEST(ParseChannelsTest, RefusesWhatIsNoChannelOfACurrency) {
  for (const char* text : {"", "web", "web:", ":EUR", "web:ZZZ", "web:eur", "web:EUR,", "web:EUR:USD",
                           "Web:EUR", "web:EUR,web:USD", "us:USD", "web: EUR"}) {
    EXPECT_THAT(ParseChannels(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace arasta::catalog
