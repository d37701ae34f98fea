// Payments as spans of the order's trace: what was asked of the provider, how long it took, what came of it.
#pragma once

#include <string>
#include <utility>

#include "services/order/payment_provider.h"

namespace arasta::order {

// Thread-safe as the provider is, which outlives it.
class TracedProvider final : public PaymentProvider {
 public:
  // `name` is the provider's, such as "sandbox".
  TracedProvider(PaymentProvider& provider, std::string name) : provider_(provider), name_(std::move(name)) {}

  Verdict Authorize(const Call& call, const PaymentOperation& operation) override;
  Verdict Capture(const Call& call, const PaymentOperation& operation) override;
  Verdict Void(const Call& call, const PaymentOperation& operation) override;
  Verdict Refund(const Call& call, const PaymentOperation& operation) override;

 private:
  using Operation = Verdict (PaymentProvider::*)(const Call&, const PaymentOperation&);

  Verdict Ask(const Call& call, const PaymentOperation& operation, absl::string_view span_name,
              Operation ask);

  PaymentProvider& provider_;
  const std::string name_;
};

}  // namespace arasta::order
