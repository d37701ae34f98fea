#include "common/events/outbox_reader.h"

#include <pqxx/pqxx>

#include "absl/time/time.h"
#include "common/pg/array.h"
#include "common/pg/time.h"
#include "google/protobuf/util/time_util.h"

namespace arasta::events {
namespace {

constexpr uint32_t kSchemaVersion = 1;

constexpr char kReadOutbox[] = R"sql(
  SELECT o.partition, o.sequence, o.event_id, o.aggregate, o.aggregate_version, o.type, o.traceparent,
         o.create_time, o.payload
  FROM unnest($1::smallint[], $2::bigint[]) AS place (partition, after)
  CROSS JOIN LATERAL (
    SELECT * FROM outbox
    WHERE outbox.partition = place.partition AND outbox.sequence > place.after
    ORDER BY outbox.sequence LIMIT $3) AS o
  ORDER BY o.partition, o.sequence)sql";

std::vector<v1::Envelope> Read(pqxx::work& tx, const std::string& producer, const std::string& incarnation,
                               const std::string& partitions, const std::string& after, int limit) {
  std::vector<v1::Envelope> events;
  for (const pqxx::row& row : tx.exec_params(kReadOutbox, partitions, after, limit)) {
    v1::Envelope& event = events.emplace_back();
    event.set_producer(producer);
    event.set_incarnation(incarnation);
    event.set_schema_version(kSchemaVersion);
    event.set_partition(row[0].as<uint32_t>());
    event.set_sequence(row[1].as<int64_t>());
    event.set_event_id(row[2].as<std::string>());
    event.set_aggregate(row[3].as<std::string>());
    event.set_aggregate_version(row[4].as<int64_t>());
    event.set_type(row[5].as<std::string>());
    event.set_traceparent(row[6].as<std::string>());
    *event.mutable_create_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
        absl::ToUnixMicros(pg::FromTimestamp(row[7])));
    event.set_payload(pqxx::binarystring(row[8]).str());
  }
  return events;
}

}  // namespace

OutboxState ReadOutboxState(pqxx::work& tx) {
  OutboxState state;
  state.incarnation = tx.exec1("SELECT incarnation FROM outbox_relay")[0].as<std::string>();
  for (const pqxx::row& row : tx.exec("SELECT partition, head, published FROM outbox_partitions")) {
    const auto partition = row[0].as<size_t>();
    state.heads.at(partition) = row[1].as<int64_t>();
    state.published.at(partition) = row[2].as<int64_t>();
  }
  return state;
}

std::vector<v1::Envelope> ReadOutbox(pqxx::work& tx, const std::string& producer,
                                     const std::string& incarnation, const Sequences& after, int limit) {
  static_assert(kPartitions == 8);
  return Read(tx, producer, incarnation, "{0,1,2,3,4,5,6,7}", pg::ToArray(after), limit);
}

std::vector<v1::Envelope> ReadOutboxPartition(pqxx::work& tx, const std::string& producer,
                                              const std::string& incarnation, int partition, int64_t after,
                                              int limit) {
  return Read(tx, producer, incarnation, pg::ToArray(std::array{partition}), pg::ToArray(std::array{after}),
              limit);
}

}  // namespace arasta::events
