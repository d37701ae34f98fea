// What order tells the bus, appended to the outbox in the transaction of the move.
#pragma once

#include <pqxx/transaction>

#include "common/call/call.h"
#include "services/order/order.h"

namespace arasta::order {

// `order` as it is after the move.
void AnnouncePlaced(pqxx::work& tx, const Call& call, const Order& order);
void AnnounceCancelled(pqxx::work& tx, const Call& call, const Order& order, OrderState previous_state);
void AnnounceCaptured(pqxx::work& tx, const Call& call, const Order& order);
void AnnounceRefunded(pqxx::work& tx, const Call& call, const Order& order);

}  // namespace arasta::order
