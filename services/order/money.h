// Exact money: int64 minor units of a currency. Overflow is an error, never a wrap.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::order {

// OUT_OF_RANGE on overflow.
absl::StatusOr<int64_t> AddAmounts(int64_t a, int64_t b);
absl::StatusOr<int64_t> MultiplyAmount(int64_t amount, int64_t quantity);

// 12 to 19 digits, spaces and dashes aside, that pass the Luhn check: a card number, which must not
// come near us.
bool LooksLikeCardNumber(absl::string_view text);

}  // namespace arasta::order
