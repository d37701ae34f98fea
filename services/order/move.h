// What a saga's step writes down, as a value: the saga, its order and its payment go from one state to
// another together. Pure; move_store.h applies it.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "services/order/order_id.h"
#include "services/order/order_state.h"
#include "services/order/saga.h"

namespace arasta::order {

// From one phase of the saga to another. Epoch 0 is nobody's: the caller holds the saga's row lock instead.
struct Move {
  OrderId id = {};
  int64_t epoch = 0;
  SagaPhase from_phase;
  SagaPhase phase;
  OrderState state;
  PaymentState from_payment;
  PaymentState payment;
  std::string action;
  std::string actor = "system";
  std::string reason = {};
  Refusal refusal = {};
};

// Whether the step writes: the others ask catalog or the provider.
bool WritesRecord(SagaStep step);

// The step writes no move: only stock was given back, and the saga is over.
bool OnlySettles(const Saga& saga, const SagaRecord& record);

// The move that `saga.step` writes, of an order in `state`. FAILED_PRECONDITION as Next.
absl::StatusOr<Move> MoveOf(const Saga& saga, const SagaRecord& record, OrderState state);

// The customer cancels an order in `state`, which is decided. FAILED_PRECONDITION as Next.
absl::StatusOr<Move> CancelByCustomer(const SagaRecord& record, OrderState state);

}  // namespace arasta::order
