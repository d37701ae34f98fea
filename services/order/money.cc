#include "services/order/money.h"

#include "absl/strings/ascii.h"
#include "common/base/errors.h"

namespace arasta::order {
namespace {

absl::Status Overflow() {
  return Error(absl::StatusCode::kOutOfRange, "AMOUNT_OVERFLOW", "amount too large");
}

}  // namespace

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
