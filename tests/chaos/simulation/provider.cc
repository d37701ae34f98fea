#include "tests/chaos/simulation/provider.h"

namespace arasta::simulation {

using order::PaymentOperation;
using order::Refusal;
using order::SagaStep;
using order::Verdict;

void Provider::Ask(SagaStep step, const PaymentOperation& operation,
                   const std::function<void(Verdict)>& answer) {
  world_.Send([this, step, operation, answer] {
    const auto [known, first] = answers_.try_emplace(operation.key, absl::nullopt);
    if (first) known->second = Execute(step, operation);
    world_.Send([answer, verdict = known->second] { answer(verdict); });
  });
}

Verdict Provider::Execute(SagaStep step, const PaymentOperation& operation) {
  Account& account = accounts_[operation.payment];
  world_.Trace("provider: ", operation.key);
  switch (step) {
    case SagaStep::kAuthorize:
      return Authorize(operation, account);
    case SagaStep::kCapture:
      return Capture(operation, account);
    case SagaStep::kVoid:
      if (account.captured > 0) return Refusal{.decline_code = "CAPTURED"};
      account.voided = true;
      return absl::nullopt;
    default:
      account.refunded += operation.amount;
      world_.Holds(Fact::kM5ProvidersBook, account.refunded <= account.captured, operation.payment,
                   " refunded twice");
      return absl::nullopt;
  }
}

// A payment that was voided before it was authorised stays void.
Verdict Provider::Authorize(const PaymentOperation& operation, Account& account) {
  if (account.voided || operation.token == "tok_decline") return Refusal{.decline_code = "DECLINED"};
  account.authorized = operation.amount;
  tokens_[operation.payment] = operation.token;
  return absl::nullopt;
}

Verdict Provider::Capture(const PaymentOperation& operation, Account& account) {
  const bool refuses = tokens_[operation.payment] == "tok_capture_refused";
  if (account.voided || account.authorized < operation.amount || refuses) {
    return Refusal{.decline_code = "REFUSED"};
  }
  account.captured += operation.amount;
  world_.Holds(Fact::kM2WithinBounds, account.captured <= account.authorized, operation.payment,
               " captured twice");
  return absl::nullopt;
}

}  // namespace arasta::simulation
