#include "services/catalog/spelling.h"

#include "gmock/gmock.h"

namespace arasta::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(EditDistanceTest, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(EditDistance("teapot", "teapot"), 0);
  EXPECT_EQ(EditDistance("teapot", "teapo"), 1);
  EXPECT_EQ(EditDistance("teapot", "tteapot"), 1);
  EXPECT_EQ(EditDistance("teapot", "teabot"), 1);
  EXPECT_EQ(EditDistance("teapot", "taepot"), 1);
  EXPECT_EQ(EditDistance("", "tea"), 3);
  EXPECT_EQ(EditDistance("kettle", "candle"), 4);
}

TEST(EditDistanceTest, CountsLettersAndNotBytes) {
  EXPECT_EQ(EditDistance("çay", "cay"), 1);
}

TEST(ClosestTest, KeepsOnlyTheNearest) {
  EXPECT_THAT(Closest("teapto", {"teapots", "teapot", "laptop"}), ElementsAre("teapot"));
  EXPECT_THAT(Closest("libary", {"libart", "library", "liberty"}), ElementsAre("libart", "library"));
}

TEST(ClosestTest, ToleratesLessInAShortWord) {
  EXPECT_THAT(Closest("tea", {"toe", "pea"}), ElementsAre("pea"));
  EXPECT_THAT(Closest("tea", {"pie"}), IsEmpty());
}

TEST(AllOfTest, JoinsAlternatives) {
  const std::vector<QueryWord> words = {{"green", {"'green'"}}, {"teapto", {"'teapot'", "'teapo':*"}}};
  EXPECT_EQ(AllOf(words), "('green') & ('teapot' | 'teapo':*)");
  EXPECT_EQ(AnyOf(words), "('green') | ('teapot' | 'teapo':*)");
  EXPECT_EQ(AllOf({}), "");
}

TEST(PrefixQueryTest, QuotesWhatWouldEndTheWord) {
  EXPECT_EQ(PrefixQuery("tea"), "'tea':*");
  EXPECT_EQ(PrefixQuery("a'b\\"), "'a''b\\\\':*");
}

}  // namespace
}  // namespace arasta::catalog
