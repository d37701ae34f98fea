#include "common/events/outbox.h"

#include <pqxx/pqxx>

#include "absl/time/clock.h"
#include "common/base/uuid.h"
#include "common/events/partition.h"

namespace arasta::events {

// The time is the database's, as everywhere that processes must agree on one.
constexpr char kAppend[] = R"sql(
  INSERT INTO outbox (event_id, partition, aggregate, aggregate_version, type, traceparent, payload)
  VALUES ($1, $2, $3, $4, $5, $6, $7))sql";

void Append(pqxx::work& tx, const Call& call, const NewEvent& event) {
  tx.exec_params(kAppend, Uuid::V7(absl::Now()).ToString(), PartitionOf(event.aggregate), event.aggregate,
                 event.aggregate_version, event.payload.GetTypeName(), call.trace().ToTraceparent(),
                 pqxx::binarystring(event.payload.SerializeAsString()));
}

}  // namespace arasta::events
