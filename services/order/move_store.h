// One move of an order, in one statement: its saga, its row, payment, history and ledger together.
#pragma once

#include <cstdint>
#include <pqxx/transaction>
#include <string>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/order/move.h"
#include "services/order/order.h"

namespace arasta::order {

// What the database chose.
struct Moved {
  int64_t version = 0;
  int64_t number = 0;
  absl::Time time;
};

// `lease`: how long the driver keeps the saga. The compare-and-set on the saga's phase and epoch, and all
// that hangs on it. nullopt: it failed, and nothing was changed.
absl::optional<Moved> Apply(pqxx::work& tx, const Move& move, absl::Duration lease);

// The order as the move left it, for the event.
Order After(Order order, const Move& move, const Moved& moved);

}  // namespace arasta::order
