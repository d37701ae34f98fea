#include "common/shop/currency.h"

#include <gtest/gtest.h>

namespace arasta::shop {
namespace {

TEST(CurrencyTest, KnowsTheExponent) {
  EXPECT_EQ(CurrencyExponent("EUR"), 2);
  EXPECT_EQ(CurrencyExponent("JPY"), 0);
  EXPECT_EQ(CurrencyExponent("KWD"), 3);
}

TEST(CurrencyTest, DoesNotKnowWhatIsNoCurrency) {
  for (const char* code : {"", "XXX", "eur", "EU", "EURO", "EUR USD", "AED "}) {
    EXPECT_EQ(CurrencyExponent(code), absl::nullopt) << code;
  }
}

}  // namespace
}  // namespace arasta::shop
