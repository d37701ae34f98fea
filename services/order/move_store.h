// One move of an order, in one statement: its saga, its row, payment, history and ledger together.
#pragma once

#include <cstdint>
#include <pqxx/transaction>
#include <string>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/order/order.h"
#include "services/order/saga.h"

namespace arasta::order {

// From one phase of the saga to another. Epoch 0 is nobody's: the caller holds the saga's row lock instead.
struct Move {
  OrderId id;
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
  // How long the driver keeps the saga.
  absl::Duration lease = absl::ZeroDuration();
};

// What the database chose.
struct Moved {
  int64_t version = 0;
  int64_t number = 0;
  absl::Time time;
};

// The compare-and-set on the saga's phase and epoch, and all that hangs on it. nullopt: it failed, and
// nothing was changed.
absl::optional<Moved> Apply(pqxx::work& tx, const Move& move);

// The order as the move left it, for the event.
Order After(Order order, const Move& move, const Moved& moved);

}  // namespace arasta::order
