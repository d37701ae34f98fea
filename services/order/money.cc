#include "services/order/money.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"

namespace arasta::order {
namespace {

// ISO 4217, the currencies that people pay with.
constexpr absl::string_view kNoDigits = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
constexpr absl::string_view kTwoDigits =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
    "MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD "
    "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS "
    "VES WST XCD YER ZAR ZMW ZWL";
constexpr absl::string_view kThreeDigits = "BHD IQD JOD KWD LYD OMR TND";

bool Lists(absl::string_view codes, absl::string_view code) {
  for (absl::string_view listed : absl::StrSplit(codes, ' ')) {
    if (listed == code) return true;
  }
  return false;
}

absl::Status Overflow() {
  return Error(absl::StatusCode::kOutOfRange, "AMOUNT_OVERFLOW", "amount too large");
}

}  // namespace

absl::optional<int> CurrencyExponent(absl::string_view currency_code) {
  if (Lists(kTwoDigits, currency_code)) return 2;
  if (Lists(kNoDigits, currency_code)) return 0;
  if (Lists(kThreeDigits, currency_code)) return 3;
  return absl::nullopt;
}

absl::StatusOr<int64_t> AddAmounts(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return Overflow();
  return sum;
}

absl::StatusOr<int64_t> MultiplyAmount(int64_t amount, int64_t quantity) {
  int64_t product = 0;
  if (__builtin_mul_overflow(amount, quantity, &product)) return Overflow();
  return product;
}

bool LooksLikeCardNumber(absl::string_view text) {
  int digits = 0;
  int sum = 0;
  for (auto it = text.rbegin(); it != text.rend(); ++it) {
    if (*it == ' ' || *it == '-') continue;
    if (!absl::ascii_isdigit(static_cast<unsigned char>(*it))) return false;
    const int digit = *it - '0';
    const int doubled = digits % 2 == 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
    ++digits;
  }
  return digits >= 12 && digits <= 19 && sum % 10 == 0;
}

}  // namespace arasta::order
