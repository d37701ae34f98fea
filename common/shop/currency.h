// The currencies that the shop can sell in.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::shop {

// Of an ISO 4217 code, the digits after the point: 2 for EUR, 0 for JPY, 3 for KWD. nullopt: not a currency
// in use.
absl::optional<int> CurrencyExponent(absl::string_view currency_code);

}  // namespace arasta::shop
