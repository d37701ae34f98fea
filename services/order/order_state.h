// The life cycle of an order and of its payment: the one table of what may follow what.
#pragma once

#include <array>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::order {

enum class OrderState { kPending, kPlaced, kCompleted, kCancelled, kExpired };
inline constexpr std::array kOrderStates = {OrderState::kPending, OrderState::kPlaced, OrderState::kCompleted,
                                            OrderState::kCancelled, OrderState::kExpired};

enum class OrderCommand { kPlace, kCancel, kComplete, kExpire };
inline constexpr std::array kOrderCommands = {OrderCommand::kPlace, OrderCommand::kCancel,
                                              OrderCommand::kComplete, OrderCommand::kExpire};

enum class PaymentState { kPending, kAuthorized, kCaptured, kVoided, kRefunded, kDeclined, kCancelled };
inline constexpr std::array kPaymentStates = {
    PaymentState::kPending,  PaymentState::kAuthorized, PaymentState::kCaptured, PaymentState::kVoided,
    PaymentState::kRefunded, PaymentState::kDeclined,   PaymentState::kCancelled};

enum class CancelReason {
  kNone,
  kCustomerRequest,
  kInsufficientStock,
  kPaymentDeclined,
  kCaptureRefused,
  kWithdrawn,
  kTimedOut
};
inline constexpr std::array kCancelReasons = {CancelReason::kNone,
                                              CancelReason::kCustomerRequest,
                                              CancelReason::kInsufficientStock,
                                              CancelReason::kPaymentDeclined,
                                              CancelReason::kCaptureRefused,
                                              CancelReason::kWithdrawn,
                                              CancelReason::kTimedOut};

// What follows; FAILED_PRECONDITION with reason ORDER_STATE and the present state where nothing may.
absl::StatusOr<OrderState> Next(OrderState state, OrderCommand command);

// The words of the wire and of the tables, such as "PENDING".
absl::string_view ToString(OrderState state);
absl::string_view ToString(PaymentState state);
absl::string_view ToString(CancelReason reason);

// Back from the tables; nullopt for words that aren't ours.
absl::optional<OrderState> OrderStateFrom(absl::string_view word);
absl::optional<PaymentState> PaymentStateFrom(absl::string_view word);
absl::optional<CancelReason> CancelReasonFrom(absl::string_view word);

}  // namespace arasta::order
