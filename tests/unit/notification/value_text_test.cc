#include "services/notification/value_text.h"

#include <gtest/gtest.h>

namespace arasta::notification {
namespace {

std::string Money(const char* currency, int64_t minor_units, const char* locale) {
  const absl::StatusOr<std::string> text = MoneyText(currency, minor_units, locale);
  return text.ok() ? *text : text.status().ToString();
}

TEST(MoneyTextTest, WritesMoneyAsTheLocaleDoes) {
  EXPECT_EQ(Money("EUR", 123456, "en"), "€1,234.56");
  EXPECT_EQ(Money("EUR", 123456, "de"), "1.234,56\u00a0€");
  EXPECT_EQ(Money("CHF", 123456, "de-CH"), "CHF\u00a01’234.56");
  EXPECT_EQ(Money("EUR", 0, "en"), "€0.00");
  EXPECT_EQ(Money("EUR", 5, "en"), "€0.05");
  EXPECT_EQ(Money("EUR", -250, "en"), "-€2.50");
}

TEST(MoneyTextTest, FollowsTheCurrencysExponent) {
  EXPECT_EQ(Money("JPY", 500, "en"), "¥500");
  EXPECT_EQ(Money("KWD", 1234, "en"), "KWD\u00a01.234");
}

TEST(MoneyTextTest, IsExactBeyondADouble) {
  EXPECT_EQ(Money("EUR", 9223372036854775807, "en"), "€92,233,720,368,547,758.07");
}

TEST(MoneyTextTest, RefusesWhatIsNoCurrency) {
  EXPECT_EQ(MoneyText("", 1, "en").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MoneyText("<b>", 1, "en").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(TimeTextTest, SaysTheZoneInPlainSpaces) {
  const absl::Time time = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 22, 57, 3), absl::UTCTimeZone());
  EXPECT_EQ(*TimeText(time, "en-GB"), "21 November 2026 at 22:57 UTC");
  EXPECT_EQ(*TimeText(time, "de"), "21. November 2026 um 22:57 UTC");
  EXPECT_EQ(*TimeText(time, "en"), "November 21, 2026 at 10:57 PM UTC");
  EXPECT_EQ(*TimeText(time, "fr"), "21 novembre 2026 à 22:57 UTC");
}

}  // namespace
}  // namespace arasta::notification
