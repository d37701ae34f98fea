#include "common/shop/currency.h"

#include "absl/strings/str_split.h"

namespace arasta::shop {
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

}  // namespace

absl::optional<int> CurrencyExponent(absl::string_view currency_code) {
  if (Lists(kTwoDigits, currency_code)) return 2;
  if (Lists(kNoDigits, currency_code)) return 0;
  if (Lists(kThreeDigits, currency_code)) return 3;
  return absl::nullopt;
}

}  // namespace arasta::shop
