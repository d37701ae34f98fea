#include "services/order/quote.h"

#include <limits>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
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
      QuoteCart({Line("tea", 2), Line("cup", 1)}, {{"tea", At(499)}, {"cup", At(1250)}}, "EUR");
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
    const absl::StatusOr<Quote> quote = QuoteCart(lines, variants, "EUR");
    ASSERT_TRUE(quote.ok());
    EXPECT_EQ(quote->totals.total, static_cast<int64_t>(expected));
    EXPECT_EQ(quote->totals.total,
              quote->totals.subtotal + quote->totals.shipping + quote->totals.tax - quote->totals.discount);
  }
}

TEST(QuoteTest, RefusesAnEmptyCart) {
  EXPECT_THAT(QuoteCart({}, {}, "EUR"), HasReason("CART_EMPTY"));
}

TEST(QuoteTest, RefusesWhatCannotBeBoughtAnyMore) {
  EXPECT_THAT(QuoteCart({Line("tea", 1)}, {}, "EUR"), HasReason("ITEM_WITHDRAWN"));
  Variant unpriced = At(1);
  unpriced.price.reset();
  EXPECT_THAT(QuoteCart({Line("tea", 1)}, {{"tea", unpriced}}, "EUR"), HasReason("ITEM_WITHDRAWN"));
}

TEST(QuoteTest, RefusesPricesOfOtherCurrencies) {
  const absl::StatusOr<Quote> quote =
      QuoteCart({Line("a", 1), Line("b", 1)}, {{"a", At(1, "EUR")}, {"b", At(1, "USD")}}, "EUR");
  EXPECT_THAT(quote, HasReason("CURRENCY_MISMATCH"));
  EXPECT_EQ(MetadataOf(quote.status(), "sku"), "b");
  EXPECT_THAT(QuoteCart({Line("a", 1)}, {{"a", At(1, "XXX")}}, "EUR"), HasReason("CURRENCY_MISMATCH"));
}

TEST(QuoteTest, RefusesPricesThatCouldOverflowAndNegativeOnes) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  for (const int64_t amount : {kMost, kMaxUnitPrice + 1, int64_t{-1}}) {
    const absl::StatusOr<Quote> quote = QuoteCart({Line("a", 1)}, {{"a", At(amount)}}, "EUR");
    EXPECT_THAT(quote, StatusIs(absl::StatusCode::kOutOfRange));
    EXPECT_THAT(quote, HasReason("AMOUNT_OVERFLOW"));
  }
}

TEST(QuoteTest, AFullCartOfTheDearestAddsUp) {
  std::vector<CartLine> lines;
  Variants variants;
  for (int i = 0; i < kMaxCartLines; ++i) {
    lines.push_back(Line(absl::StrCat("sku-", i), kMaxLineQuantity));
    variants[lines.back().sku] = At(kMaxUnitPrice);
  }
  const absl::StatusOr<Quote> quote = QuoteCart(lines, variants, "EUR");
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(quote->totals.total, kMaxUnitPrice * kMaxLineQuantity * kMaxCartLines);
}

TEST(QuoteTest, SellableLeavesOutWhatCannotBeBought) {
  const Variants variants = {{"a", At(5)}, {"b", At(1, "USD")}, {"c", At(-1)}};
  const absl::StatusOr<Quote> quote =
      QuoteSellable({Line("a", 2), Line("b", 1), Line("c", 1), Line("d", 1)}, variants, "EUR");
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(quote->totals.total, 10);
  EXPECT_EQ(quote->lines.size(), 1);
}

}  // namespace
}  // namespace arasta::order
