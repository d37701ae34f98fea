#include "services/order/payment_provider.h"

#include "absl/strings/str_cat.h"

namespace arasta::order {

// A generation ends with a definite refusal, which today also ends the order.
PaymentOperation OperationOf(const Order& order, const std::string& token, SagaStep step) {
  return {.key = absl::StrCat(order.id.ToString(), ":", ToString(step), ":1"),
          .payment = order.id.ToString(),
          .currency = order.totals.currency,
          .amount = order.totals.total,
          .token = token};
}

}  // namespace arasta::order
