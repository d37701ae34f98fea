#include "common/base/uuid.h"

#include "absl/hash/hash_testing.h"
#include "gtest/gtest.h"

namespace arasta {
namespace {

constexpr char kText[] = "0190163d-8694-739b-aea5-966c26f8ad91";

TEST(UuidTest, ParsesWhatItPrints) {
  const Uuid uuid = Uuid::V4();
  EXPECT_EQ(Uuid::Parse(uuid.ToString()), uuid);
  EXPECT_EQ(Uuid::Parse(kText)->ToString(), kText);
}

TEST(UuidTest, AcceptsUpperCaseAndPrintsLowerCase) {
  EXPECT_EQ(Uuid::Parse("0190163D-8694-739B-AEA5-966C26F8AD91")->ToString(), kText);
}

TEST(UuidTest, RefusesWhatIsNotAUuid) {
  for (const char* text :
       {"", "0190163d", "0190163d86947-39b-aea5-966c26f8ad91", "0190163d-8694-739b-aea5-966c26f8ad9g",
        "{190163d-8694-739b-aea5-966c26f8ad91", "0190163d-8694-739b-aea5-966c26f8ad911"}) {
    EXPECT_FALSE(Uuid::Parse(text).has_value()) << text;
  }
}

TEST(UuidTest, VersionsAndVariantAreMarked) {
  EXPECT_EQ(Uuid::V4().ToString()[14], '4');
  EXPECT_EQ(Uuid::V7(absl::UnixEpoch()).ToString()[14], '7');
  Uuid::Bytes ones;
  ones.fill(0xff);
  EXPECT_EQ(Uuid::V8(ones).ToString(), "ffffffff-ffff-8fff-bfff-ffffffffffff");
}

TEST(UuidTest, V7CarriesItsTimeAndSortsByIt) {
  const absl::Time time = absl::FromUnixMillis(0x0190163d8694);
  EXPECT_EQ(Uuid::V7(time).ToString().substr(0, 13), "0190163d-8694");
  EXPECT_LT(Uuid::V7(time), Uuid::V7(time + absl::Milliseconds(1)));
}

TEST(UuidTest, IsAHashableValue) {
  EXPECT_EQ(Uuid(), *Uuid::Parse("00000000-0000-0000-0000-000000000000"));
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly({Uuid(), Uuid::V4(), *Uuid::Parse(kText)}));
}

}  // namespace
}  // namespace arasta
