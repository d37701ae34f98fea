#include "services/order/quote.h"

#include <limits>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/matchers.h"

namespace arasta::order {
namespace {

using testing::HasReason;
using testing::StatusIs;

CartLine Line(const std::string& sku, int32_t quantity) {
  CartLine line;
  line.sku = sku;
  line.quantity = quantity;
  return line;
}

Variant At(int64_t amount, const std::string& currency = "EUR") {
  Variant variant;
  variant.product = "products/p";
  variant.title = "Tea";
  variant.price = Price{.currency = currency, .amount = amount};
  return variant;
}

TEST(QuoteTest, AddsUpTheLinesAtTheCatalogsPrices) {
  const absl::StatusOr<Quote> quote =
      QuoteCart({Line("tea", 2), Line("cup", 1)}, {{"tea", At(499)}, {"cup", At(1250)}});
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(quote->lines[0].total, 998);
  EXPECT_EQ(quote->totals.total, 2248);
  EXPECT_EQ(quote->totals.currency, "EUR");
}

TEST(QuoteTest, RandomCartsAddUpToTheMinorUnit) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<CartLine> lines;
    Variants variants;
    __int128 expected = 0;
    const int count = 1 + static_cast<int>(random() % 20);
    for (int i = 0; i < count; ++i) {
      const std::string sku = absl::StrCat("sku-", i);
      const int64_t amount = random();
      lines.push_back(Line(sku, 1 + static_cast<int32_t>(random() % 999)));
      variants[sku] = At(amount);
      expected += static_cast<__int128>(amount) * lines.back().quantity;
    }
    const absl::StatusOr<Quote> quote = QuoteCart(lines, variants);
    ASSERT_TRUE(quote.ok());
    EXPECT_EQ(quote->totals.total, static_cast<int64_t>(expected));
    EXPECT_EQ(quote->totals.total,
              quote->totals.subtotal + quote->totals.shipping + quote->totals.tax - quote->totals.discount);
  }
}

TEST(QuoteTest, RefusesAnEmptyCart) {
  EXPECT_THAT(QuoteCart({}, {}), HasReason("CART_EMPTY"));
}

TEST(QuoteTest, RefusesWhatCannotBeBoughtAnyMore) {
  EXPECT_THAT(QuoteCart({Line("tea", 1)}, {}), HasReason("ITEM_WITHDRAWN"));
  Variant unpriced = At(1);
  unpriced.price.reset();
  EXPECT_THAT(QuoteCart({Line("tea", 1)}, {{"tea", unpriced}}), HasReason("ITEM_WITHDRAWN"));
}

TEST(QuoteTest, RefusesMixedUnknownAndNegativePrices) {
  EXPECT_THAT(QuoteCart({Line("a", 1), Line("b", 1)}, {{"a", At(1, "EUR")}, {"b", At(1, "USD")}}),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(QuoteCart({Line("a", 1)}, {{"a", At(1, "XXX")}}), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(QuoteCart({Line("a", 1)}, {{"a", At(-1)}}), StatusIs(absl::StatusCode::kInternal));
}

TEST(QuoteTest, ReportsOverflow) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(QuoteCart({Line("a", 2)}, {{"a", At(kMost)}}), HasReason("AMOUNT_OVERFLOW"));
  EXPECT_THAT(QuoteCart({Line("a", 1), Line("b", 1)}, {{"a", At(kMost)}, {"b", At(1)}}),
              HasReason("AMOUNT_OVERFLOW"));
}

}  // namespace
}  // namespace arasta::order
