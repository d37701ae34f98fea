// The producing side of the event bus: events are written where the business writes.
#pragma once

#include <cstdint>
#include <pqxx/transaction>
#include <string>

#include "common/call/call.h"
#include "common/pg/migrations.h"
#include "google/protobuf/message.h"

namespace arasta::events {

struct NewEvent {
  // Resource name, such as "orders/…". Events of one aggregate are delivered in order.
  std::string aggregate;
  // The version of the aggregate's row after the change.
  int64_t aggregate_version;
  // Its full name is the event's type. No secret and no personal data in clear.
  const google::protobuf::Message& payload;
};

// Appends an event to the outbox within the business transaction. Call it after the aggregate's row was
// changed: the row's lock is what puts the aggregate's events in order. Lets libpqxx's exceptions pass.
// After the commit, wake the relay (relay.h) so that the event leaves at once.
void Append(pqxx::work& tx, const Call& call, const NewEvent& event);

// The tables of a producer, for its list of migrations.
pg::Migration OutboxMigration();

// The tables of a consumer, in this order.
pg::Migration InboxMigration();
pg::Migration InboxSharesMigration();

}  // namespace arasta::events
