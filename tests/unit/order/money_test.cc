#include "services/order/money.h"

#include <limits>

#include "gmock/gmock.h"
#include "tests/support/matchers.h"

namespace arasta::order {
namespace {

using testing::HasReason;
using testing::IsOkAndHolds;

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

TEST(MoneyTest, AddsAndMultipliesExactly) {
  EXPECT_THAT(AddAmounts(kMost - 1, 1), IsOkAndHolds(kMost));
  EXPECT_THAT(MultiplyAmount(kMost / 999, 999), IsOkAndHolds(kMost / 999 * 999));
}

TEST(MoneyTest, ReportsOverflowInsteadOfWrapping) {
  EXPECT_THAT(AddAmounts(kMost, 1), HasReason("AMOUNT_OVERFLOW"));
  EXPECT_THAT(AddAmounts(-kMost - 1, -1), HasReason("AMOUNT_OVERFLOW"));
  EXPECT_THAT(MultiplyAmount(kMost / 999 + 1, 999), HasReason("AMOUNT_OVERFLOW"));
}

TEST(CardNumberTest, IsRecognisedHoweverItIsWritten) {
  EXPECT_TRUE(LooksLikeCardNumber("4111111111111111"));
  EXPECT_TRUE(LooksLikeCardNumber("4111 1111 1111 1111"));
  EXPECT_TRUE(LooksLikeCardNumber("3782-822463-10005"));
  EXPECT_TRUE(LooksLikeCardNumber("6011000990139424"));
}

TEST(CardNumberTest, IsNotSeenInTokensOrOtherNumbers) {
  EXPECT_FALSE(LooksLikeCardNumber("tok_approve"));
  EXPECT_FALSE(LooksLikeCardNumber("pm_4111111111111111"));
  EXPECT_FALSE(LooksLikeCardNumber("4111111111111112"));
  EXPECT_FALSE(LooksLikeCardNumber("0"));
  EXPECT_FALSE(LooksLikeCardNumber(""));
}

}  // namespace
}  // namespace arasta::order
