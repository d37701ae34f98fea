#include "services/notification/value_text.h"

#include <unicode/datefmt.h>
#include <unicode/dtptngen.h>
#include <unicode/numberformatter.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>

#include <algorithm>
#include <array>
#include <memory>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace arasta::notification {
namespace {

// ISO 4217's exponents where they are not 2. ICU's own differ: they follow what people use in cash.
constexpr std::array<absl::string_view, 16> kWithoutMinorUnit = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                                                 "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
                                                                 "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<absl::string_view, 7> kWithThousandths = {"BHD", "IQD", "JOD", "KWD",
                                                               "LYD", "OMR", "TND"};

int ExponentOf(absl::string_view currency_code) {
  if (absl::c_linear_search(kWithoutMinorUnit, currency_code)) return 0;
  if (absl::c_linear_search(kWithThousandths, currency_code)) return 3;
  return 2;
}

bool IsCurrencyCode(absl::string_view text) {
  return text.size() == 3 && absl::c_all_of(text, [](char c) { return absl::ascii_isupper(c); });
}

}  // namespace

absl::StatusOr<std::string> MoneyText(absl::string_view currency_code, int64_t minor_units,
                                      const std::string& locale) {
  if (!IsCurrencyCode(currency_code)) return InvalidField("currency_code", "is not an ISO 4217 code");
  UErrorCode error = U_ZERO_ERROR;
  const int exponent = ExponentOf(currency_code);
  const std::string currency_ascii(currency_code);
  const icu::CurrencyUnit currency(icu::StringPiece(currency_ascii), error);
  // In scientific form, so that no amount ever passes through a double.
  const std::string decimal = absl::StrCat(minor_units, "E-", exponent);
  std::string text;
  icu::number::NumberFormatter::withLocale(icu::Locale::forLanguageTag(locale, error))
      .unit(currency)
      .precision(icu::number::Precision::fixedFraction(exponent))
      .formatDecimal(icu::StringPiece(decimal), error)
      .toString(error)
      .toUTF8String(text);
  if (U_FAILURE(error))
    return absl::InternalError(absl::StrCat("ICU can't format money: ", u_errorName(error)));
  return text;
}

absl::StatusOr<std::string> TimeText(absl::Time time, const std::string& locale) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Locale icu_locale = icu::Locale::forLanguageTag(locale, error);
  const std::unique_ptr<icu::DateTimePatternGenerator> patterns(
      icu::DateTimePatternGenerator::createInstance(icu_locale, error));
  if (U_FAILURE(error))
    return absl::InternalError(absl::StrCat("ICU has no date patterns: ", u_errorName(error)));
  icu::SimpleDateFormat format(patterns->getBestPattern(u"yMMMMdjmz", error), icu_locale, error);
  if (U_FAILURE(error))
    return absl::InternalError(absl::StrCat("ICU can't format dates: ", u_errorName(error)));
  format.adoptTimeZone(icu::TimeZone::createTimeZone(u"Etc/UTC"));
  icu::UnicodeString formatted;
  format.format(static_cast<UDate>(absl::ToUnixMillis(time)), formatted);
  // Narrow and fixed spaces come out as boxes or "=E2=80=AF" where mail is read.
  for (const char16_t* space : {u"\u202f", u"\u00a0", u"\u2009"}) formatted.findAndReplace(space, u" ");
  std::string text;
  formatted.toUTF8String(text);
  return text;
}

}  // namespace arasta::notification
