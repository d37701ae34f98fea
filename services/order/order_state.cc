#include "services/order/order_state.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace arasta::order {
namespace {

struct Move {
  OrderState from;
  OrderCommand command;
  OrderState to;
};

constexpr Move kMoves[] = {
    {OrderState::kPending, OrderCommand::kPlace, OrderState::kPlaced},
    {OrderState::kPending, OrderCommand::kCancel, OrderState::kCancelled},
    {OrderState::kPending, OrderCommand::kExpire, OrderState::kExpired},
    {OrderState::kPlaced, OrderCommand::kCancel, OrderState::kCancelled},
    {OrderState::kPlaced, OrderCommand::kComplete, OrderState::kCompleted},
};

template <typename Word, size_t n>
absl::optional<Word> From(const std::array<Word, n>& words, absl::string_view text) {
  for (const Word word : words) {
    if (ToString(word) == text) return word;
  }
  return absl::nullopt;
}

}  // namespace

absl::StatusOr<OrderState> Next(OrderState state, OrderCommand command) {
  for (const Move& move : kMoves) {
    if (move.from == state && move.command == command) return move.to;
  }
  return Error(absl::StatusCode::kFailedPrecondition, "ORDER_STATE",
               absl::StrCat("the order is ", ToString(state)), {{"state", std::string(ToString(state))}});
}

absl::string_view ToString(OrderState state) {
  switch (state) {
    case OrderState::kPending:
      return "PENDING";
    case OrderState::kPlaced:
      return "PLACED";
    case OrderState::kCompleted:
      return "COMPLETED";
    case OrderState::kCancelled:
      return "CANCELLED";
    case OrderState::kExpired:
      return "EXPIRED";
  }
  return "";
}

absl::string_view ToString(PaymentState state) {
  switch (state) {
    case PaymentState::kPending:
      return "PENDING";
    case PaymentState::kAuthorized:
      return "AUTHORIZED";
    case PaymentState::kCaptured:
      return "CAPTURED";
    case PaymentState::kVoided:
      return "VOIDED";
    case PaymentState::kRefunded:
      return "REFUNDED";
    case PaymentState::kDeclined:
      return "DECLINED";
    case PaymentState::kCancelled:
      return "CANCELLED";
  }
  return "";
}

absl::string_view ToString(CancelReason reason) {
  switch (reason) {
    case CancelReason::kNone:
      return "";
    case CancelReason::kCustomerRequest:
      return "CUSTOMER_REQUEST";
    case CancelReason::kInsufficientStock:
      return "INSUFFICIENT_STOCK";
    case CancelReason::kPaymentDeclined:
      return "PAYMENT_DECLINED";
    case CancelReason::kCaptureRefused:
      return "CAPTURE_REFUSED";
    case CancelReason::kWithdrawn:
      return "WITHDRAWN";
    case CancelReason::kTimedOut:
      return "TIMED_OUT";
  }
  return "";
}

absl::optional<OrderState> OrderStateFrom(absl::string_view word) {
  return From(kOrderStates, word);
}
absl::optional<PaymentState> PaymentStateFrom(absl::string_view word) {
  return From(kPaymentStates, word);
}
absl::optional<CancelReason> CancelReasonFrom(absl::string_view word) {
  return From(kCancelReasons, word);
}

}  // namespace arasta::order
