// What Redis answers to an exchange of rates.
#include "services/gateway/rate_sharing.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/support/matchers.h"

namespace arasta::gateway {
namespace {

using redis::Reply;
using ::testing::ElementsAre;

constexpr int64_t kMost = 100;

Reply Integer(int64_t value) {
  return {.kind = Reply::Kind::kInteger, .integer = value};
}
Reply Array(std::vector<Reply> elements) {
  return {.kind = Reply::Kind::kArray, .elements = std::move(elements)};
}

TEST(LackingInTest, ReadsANumberForEachBucket) {
  const auto lacking = LackingIn(Array({Integer(0), Integer(kMost)}), 2, kMost);
  ASSERT_TRUE(lacking.ok());
  EXPECT_THAT(*lacking, ElementsAre(0, kMost));
}

TEST(LackingInTest, RefusesWhatOurScriptDoesNotAnswer) {
  const Reply text{.kind = Reply::Kind::kString, .text = "7"};
  for (const Reply& reply :
       {Reply(), text, Array({}), Array({Integer(1)}), Array({Integer(1), Integer(1), Integer(1)}),
        Array({Integer(1), text}), Array({Integer(1), Reply()}), Array({Integer(1), Integer(-1)}),
        Array({Integer(1), Integer(kMost + 1)}),
        Array({Integer(1), Integer(std::numeric_limits<int64_t>::max())}),
        Array({Integer(1), text, Integer(1)})}) {
    EXPECT_TRUE(absl::IsInternal(LackingIn(reply, 2, kMost).status()));
  }
}

}  // namespace
}  // namespace arasta::gateway
