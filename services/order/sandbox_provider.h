// The built-in payment provider: deterministic, scripted by the token, with a book of its own that
// survives crashes as a real provider's would.
//
//   tok_approve                 approves
//   tok_decline                 declines: DECLINED
//   tok_insufficient_funds      declines: INSUFFICIENT_FUNDS
//   tok_timeout_after_execute   authorises, and answers the first call with DEADLINE_EXCEEDED
//   tok_slow                    authorises, and answers the first call late
//   tok_capture_refused         authorises, and refuses to capture
//   anything else               declines: UNKNOWN_TOKEN
#pragma once

#include "absl/time/time.h"
#include "services/order/payment_provider.h"
#include "services/order/sandbox_store.h"

namespace arasta::order {

class SandboxProvider final : public PaymentProvider {
 public:
  // `slowness` is what tok_slow takes, or everything from a provider that is `always_slow`.
  SandboxProvider(SandboxStore& book, absl::Duration slowness, bool always_slow = false)
      : book_(book), slowness_(slowness), always_slow_(always_slow) {}

  Verdict Authorize(const Call& call, const PaymentOperation& operation) override;
  Verdict Capture(const Call& call, const PaymentOperation& operation) override;
  Verdict Void(const Call& call, const PaymentOperation& operation) override;
  Verdict Refund(const Call& call, const PaymentOperation& operation) override;

 private:
  Verdict Answer(const Call& call, const absl::StatusOr<SandboxEntry>& entry, bool late = false) const;

  SandboxStore& book_;
  const absl::Duration slowness_;
  const bool always_slow_;
};

}  // namespace arasta::order
