#include "services/order/ledger.h"

namespace arasta::order {
namespace {

constexpr LedgerMove kAuthorize = {"AUTHORIZE", "held_at_provider", "customer_holds"};
constexpr LedgerMove kEndHold = {"END_HOLD", "customer_holds", "held_at_provider"};
constexpr LedgerMove kCapture = {"CAPTURE", "due_from_provider", "sales"};
constexpr LedgerMove kRefund = {"REFUND", "sales", "due_from_provider"};

}  // namespace

std::vector<LedgerMove> MovesBetween(PaymentState from, PaymentState to) {
  const bool held = from == PaymentState::kAuthorized;
  switch (to) {
    case PaymentState::kAuthorized:
      return held ? std::vector<LedgerMove>{} : std::vector<LedgerMove>{kAuthorize};
    case PaymentState::kCaptured:
      return held ? std::vector<LedgerMove>{kEndHold, kCapture} : std::vector<LedgerMove>{};
    case PaymentState::kVoided:
      return held ? std::vector<LedgerMove>{kEndHold} : std::vector<LedgerMove>{};
    case PaymentState::kRefunded:
      if (held) return {kEndHold, kCapture, kRefund};
      return from == PaymentState::kCaptured ? std::vector<LedgerMove>{kRefund} : std::vector<LedgerMove>{};
    case PaymentState::kPending:
    case PaymentState::kDeclined:
    case PaymentState::kCancelled:
      return {};
  }
  return {};
}

}  // namespace arasta::order
