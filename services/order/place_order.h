// The rules of PlaceOrder that need no store: what a request must hold, and what the customer is told.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arasta/order/v1/order.pb.h"
#include "arasta/order/v1/order_service.pb.h"
#include "common/auth/principal.h"
#include "services/order/order.h"

namespace arasta::order {

// INVALID_ARGUMENT beyond what the contract's bounds say. Never echoes the payment token.
absl::Status CheckPlaceOrder(const auth::Principal& principal, const v1::PlaceOrderRequest& request);

// Where a guest is written to about the order; empty for users, whose accounts know. INVALID_ARGUMENT naming
// `email` when no mail could be sent there.
absl::StatusOr<std::string> EmailOf(const auth::Principal& principal, const v1::PlaceOrderRequest& request);

// The reply to a request with this fingerprint: the order as it is, or the refusal that ended it, the same
// for ever.
absl::StatusOr<v1::Order> AnswerWith(const Order& order, const std::string& fingerprint);

}  // namespace arasta::order
