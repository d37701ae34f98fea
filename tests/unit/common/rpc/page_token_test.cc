#include "common/rpc/page_token.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "arasta/testing/v1/echo_service.pb.h"
#include "tests/support/matchers.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOkAndHolds;

TEST(PageTokensTest, GivesBackTheCursor) {
  const PageTokens tokens("secret");
  EXPECT_THAT(tokens.Decode(tokens.Encode("after tea", "list"), "list"), IsOkAndHolds("after tea"));
  EXPECT_THAT(tokens.Decode("", "list"), IsOkAndHolds(""));
}

// A search's carries its query with all corrections.
TEST(PageTokensTest, GivesBackACursorAsLongAsContractsAllow) {
  const PageTokens tokens("secret");
  const std::string cursor(5000, 'q');
  EXPECT_THAT(tokens.Decode(tokens.Encode(cursor, "search"), "search"), IsOkAndHolds(cursor));
}

TEST(PageTokensTest, RefusesWhatItDidNotWriteForThisList) {
  const PageTokens tokens("secret");
  const std::string token = tokens.Encode("after tea", "list");
  EXPECT_THAT(tokens.Decode(token, "other list"), HasReason("INVALID_PAGE_TOKEN"));
  EXPECT_THAT(PageTokens("other secret").Decode(token, "list"), HasReason("INVALID_PAGE_TOKEN"));
  std::string bytes;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token, &bytes));
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_THAT(tokens.Decode(absl::WebSafeBase64Escape(flipped), "list"), HasReason("INVALID_PAGE_TOKEN"))
        << i;
    EXPECT_THAT(tokens.Decode(absl::WebSafeBase64Escape(bytes.substr(0, i)), "list"),
                ::testing::AnyOf(HasReason("INVALID_PAGE_TOKEN"), IsOkAndHolds("")))
        << i;
  }
  EXPECT_THAT(tokens.Decode("!", "list"), HasReason("INVALID_PAGE_TOKEN"));
  EXPECT_THAT(tokens.Decode(std::string(1 << 20, 'A'), "list"), HasReason("INVALID_PAGE_TOKEN"));
}

TEST(FingerprintTest, DiffersBetweenRequestsAndTypes) {
  testing::v1::EchoRequest tea, coffee;
  tea.set_text("tea");
  coffee.set_text("coffee");
  EXPECT_EQ(FingerprintOf(tea), FingerprintOf(tea));
  EXPECT_NE(FingerprintOf(tea), FingerprintOf(coffee));
  EXPECT_NE(FingerprintOf(testing::v1::EchoRequest()), FingerprintOf(testing::v1::ProbeRequest()));
}

TEST(FingerprintTest, IgnoresThePage) {
  testing::v1::ListRequest first, second;
  first.set_filter("tea");
  second.set_filter("tea");
  second.set_page_size(7);
  second.set_page_token("token");
  EXPECT_EQ(FingerprintOf(first), FingerprintOf(second));
  second.set_filter("coffee");
  EXPECT_NE(FingerprintOf(first), FingerprintOf(second));
}

}  // namespace
}  // namespace arasta::rpc
