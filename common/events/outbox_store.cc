#include "common/events/outbox_store.h"

#include <array>
#include <pqxx/pqxx>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "common/base/seeded_bug.h"
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

absl::Status FenceRelay(pqxx::work& tx, int64_t epoch) {
  if (!tx.exec_params("SELECT FROM outbox_relay WHERE epoch = $1 FOR SHARE", epoch).empty())
    return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, "LEASE_LOST", "another relay has taken over");
}

bool HasUnsequenced(pqxx::work& tx) {
  return tx.exec1("SELECT EXISTS (SELECT FROM outbox WHERE sequence IS NULL)")[0].as<bool>();
}

// Dense numbers per partition, in order of id, which is the order of commits within an aggregate (its
// row is locked while its events are written). Rows that commit late have no number yet and get the
// next one: nothing is ever skipped.
constexpr char kSequence[] = R"sql(
  WITH batch AS (
    SELECT id, partition, row_number() OVER (PARTITION BY partition ORDER BY id) AS nth
    FROM (SELECT id, partition FROM outbox WHERE sequence IS NULL ORDER BY id LIMIT $1) AS waiting),
  raised AS (
    UPDATE outbox_partitions p SET head = p.head + b.size
    FROM (SELECT partition, count(*) AS size FROM batch GROUP BY partition) AS b
    WHERE p.partition = b.partition
    RETURNING p.partition, p.head - b.size AS base)
  UPDATE outbox SET sequence = raised.base + batch.nth, sequence_time = clock_timestamp()
  FROM batch JOIN raised USING (partition)
  WHERE outbox.id = batch.id)sql";

// The bug: goes on after the last id seen, so a row that commits late is passed over.
std::string SequenceSql() {
  if (!SeededBug("poll_by_id")) return kSequence;
  constexpr char kAfterTheLast[] =
      "id > (SELECT coalesce(max(id), 0) FROM outbox WHERE sequence IS NOT NULL)";
  return absl::StrReplaceAll(kSequence, {{"sequence IS NULL", kAfterTheLast}});
}

void SequenceOutbox(pqxx::work& tx, int limit) {
  tx.exec_params(SequenceSql(), limit);
}

constexpr char kWindowBegin[] = R"sql(
  SELECT partition, min(sequence) FROM outbox
  WHERE sequence_time >= now() - $1 * interval '1 s' GROUP BY partition)sql";

constexpr char kEventsAt[] = R"sql(
  SELECT o.partition, o.event_id FROM unnest($1::bigint[]) WITH ORDINALITY AS place (sequence, nth)
  JOIN outbox o ON o.partition = place.nth - 1 AND o.sequence = place.sequence)sql";

OutboxView ViewOutbox(pqxx::work& tx, const Sequences& heads, const Sequences& ends, absl::Duration window) {
  OutboxView view;
  for (int i = 0; i < kPartitions; ++i) view.window_begin[i] = heads[i] + 1;
  for (const pqxx::row& row : tx.exec_params(kWindowBegin, absl::ToInt64Seconds(window))) {
    view.window_begin.at(row[0].as<size_t>()) = row[1].as<int64_t>();
  }
  for (const pqxx::row& row : tx.exec_params(kEventsAt, pg::ToArray(ends))) {
    view.events.at(row[0].as<size_t>()) = row[1].as<std::string>();
  }
  return view;
}

// Never back: what was in Redis once may have been read, whatever Redis has lost since.
constexpr char kSavePublished[] = R"sql(
  UPDATE outbox_partitions p SET published = new.published
  FROM unnest($1::bigint[]) WITH ORDINALITY AS new (published, nth)
  WHERE p.partition = new.nth - 1 AND p.published < new.published)sql";

void SavePublished(pqxx::work& tx, const Sequences& published) {
  tx.exec_params(kSavePublished, pg::ToArray(published));
}

void RenewIncarnation(pqxx::work& tx) {
  tx.exec("UPDATE outbox_relay SET incarnation = gen_random_uuid()");
}

constexpr char kPrune[] = R"sql(
  WITH read AS (
    SELECT p.partition,
           min(CASE WHEN expected.consumer IS NULL THEN p.head ELSE coalesce(c.watermark, 0) END) AS watermark
    FROM outbox_partitions p
    LEFT JOIN unnest($1::text[]) AS expected (consumer) ON true
    LEFT JOIN outbox_consumers c ON c.partition = p.partition AND c.consumer = expected.consumer
      AND c.incarnation = (SELECT incarnation FROM outbox_relay)
    GROUP BY p.partition)
  DELETE FROM outbox WHERE id IN (
    SELECT o.id FROM read CROSS JOIN LATERAL (
      SELECT id FROM outbox
      WHERE outbox.partition = read.partition AND sequence <= read.watermark
        AND sequence_time < now() - interval '7 days'
      ORDER BY sequence LIMIT 1000) AS o))sql";

void PruneOutbox(pqxx::work& tx, const std::vector<std::string>& consumers) {
  tx.exec_params(kPrune, pg::ToArray(consumers));
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
