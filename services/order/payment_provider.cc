#include "services/order/payment_provider.h"

#include "absl/strings/str_cat.h"
#include "common/base/seeded_bug.h"
#include "common/base/uuid.h"

namespace arasta::order {

// A generation ends with a definite refusal, which today also ends the order.
PaymentOperation OperationOf(const Order& order, const std::string& token, SagaStep step) {
  const bool bug = step == SagaStep::kRefund && SeededBug("refund_with_new_key");
  const std::string generation = bug ? Uuid::V4().ToString() : "1";
  return {.key = absl::StrCat(order.id.ToString(), ":", ToString(step), ":", generation),
          .payment = order.id.ToString(),
          .currency = order.totals.currency,
          .amount = order.totals.total,
          .token = token};
}

}  // namespace arasta::order
