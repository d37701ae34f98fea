#include "services/order/traced_provider.h"

#include "common/trace/span.h"

namespace arasta::order {

Verdict TracedProvider::Authorize(const Call& call, const PaymentOperation& operation) {
  return Ask(call, operation, "payment authorize", &PaymentProvider::Authorize);
}

Verdict TracedProvider::Capture(const Call& call, const PaymentOperation& operation) {
  return Ask(call, operation, "payment capture", &PaymentProvider::Capture);
}

Verdict TracedProvider::Void(const Call& call, const PaymentOperation& operation) {
  return Ask(call, operation, "payment void", &PaymentProvider::Void);
}

Verdict TracedProvider::Refund(const Call& call, const PaymentOperation& operation) {
  return Ask(call, operation, "payment refund", &PaymentProvider::Refund);
}

// A refusal is an answer; of the money and whose it is, nothing is told.
Verdict TracedProvider::Ask(const Call& call, const PaymentOperation& operation, absl::string_view span_name,
                            Operation ask) {
  trace::Span span(call.trace(), trace::Kind::kClient, span_name);
  if (!span.recording()) return (provider_.*ask)(call, operation);
  span.Set("peer.service", name_);
  Verdict verdict = (provider_.*ask)(call.Under(span.context()), operation);
  span.SetStatus(verdict.status(), /*failed=*/true);
  if (verdict.ok() && verdict->has_value()) span.Set("arasta.refused", (*verdict)->decline_code);
  return verdict;
}

}  // namespace arasta::order
