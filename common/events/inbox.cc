#include "common/events/inbox.h"

#include <exception>
#include <pqxx/pqxx>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crash_point.h"
#include "common/base/errors.h"
#include "common/base/seeded_bug.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"
#include "common/pg/array.h"
#include "common/pg/transaction.h"

namespace arasta::events {
namespace {

absl::Status LeaseLost() {
  return Error(absl::StatusCode::kAborted, "LEASE_LOST", "another replica reads this partition");
}

// Code and reason: messages may quote what an event holds.
std::string Describe(const absl::Status& status) {
  return absl::StrCat(absl::StatusCodeToString(status.code()), ": ", ReasonOf(status));
}

// The last statement of every transaction that applies an event: it is the fence as well.
constexpr char kMoveWatermark[] = R"sql(
  UPDATE event_partitions SET watermark = $5, failures = 0
  WHERE producer = $1 AND partition = $2 AND epoch = $3 AND incarnation = $4 AND watermark = $5 - 1)sql";

absl::Status MoveWatermark(pqxx::work& tx, const PartitionId& id, const PartitionReader& reader) {
  pqxx::result moved = tx.exec_params(kMoveWatermark, id.producer, id.partition, reader.epoch(),
                                      reader.cursor().incarnation, reader.cursor().watermark + 1);
  return moved.affected_rows() == 1 ? absl::OkStatus() : LeaseLost();
}

// A letter behind one that is being redriven is itself to be redriven.
constexpr char kInsertDeadLetter[] = R"sql(
  INSERT INTO dead_letters (producer, partition, event_id, aggregate, aggregate_version, type, envelope,
                            attempts, last_error, redrive)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9,
         EXISTS (SELECT FROM dead_letters WHERE producer = $1 AND aggregate = $4 AND redrive))sql";

void InsertDeadLetter(pqxx::work& tx, const PartitionId& id, const v1::Envelope& event, int attempts,
                      const std::string& error) {
  tx.exec_params(kInsertDeadLetter, id.producer, id.partition, event.event_id(), event.aggregate(),
                 event.aggregate_version(), event.type(), pqxx::binarystring(event.SerializeAsString()),
                 attempts, error);
}

// The handler's own exceptions count as failures of the event: one bad event must not end every replica.
absl::Status Handle(const Handler& handler, const Call& call, pqxx::work& tx, const v1::Envelope& event) {
  try {
    return handler(call, tx, event);
  } catch (const pqxx::pqxx_exception&) {
    throw;
  } catch (const std::exception&) {
    log::Error("event handler threw", {{"type", event.type()}, {"event_id", event.event_id()}});
    return Error(absl::StatusCode::kInternal, "HANDLER_THREW", "internal error");
  }
}

}  // namespace

Inbox::Inbox(pg::Pool& pool, std::string owner, Handler handler)
    : pool_(pool), owner_(std::move(owner)), handler_(std::move(handler)) {}

// Says that this owner lives, and tells how many partitions are its share. One replica at a time, until
// the end of its transaction: nobody counts or takes what another is about to.
constexpr char kJoin[] = R"sql(
  INSERT INTO event_replicas (owner, lease_expire_time) VALUES ($1, clock_timestamp() + interval '10 s')
  ON CONFLICT (owner) DO UPDATE SET lease_expire_time = EXCLUDED.lease_expire_time)sql";

constexpr char kShare[] = R"sql(
  SELECT ceil(8.0 * $1 / count(*))::int FROM event_replicas WHERE lease_expire_time > clock_timestamp())sql";

int Join(pqxx::work& tx, const std::string& owner, size_t producers) {
  tx.exec("LOCK TABLE event_replicas IN SHARE ROW EXCLUSIVE MODE");
  tx.exec_params(kJoin, owner);
  return tx.exec_params1(kShare, static_cast<int>(producers))[0].as<int>();
}

// One statement for all partitions of a process; rows in key order, as in every process.
constexpr char kRenew[] = R"sql(
  WITH share AS (
    SELECT producer, partition
    FROM unnest($1::text[]) AS producer CROSS JOIN generate_series(0, 7) AS partition
         LEFT JOIN event_partitions AS held USING (producer, partition)
    WHERE held.owner IS NULL OR held.owner = $2 OR held.lease_expire_time < clock_timestamp()
    ORDER BY held.owner IS NOT DISTINCT FROM $2 DESC, producer, partition
    LIMIT $3)
  INSERT INTO event_partitions AS held (producer, partition, owner, epoch, lease_expire_time)
  SELECT producer, partition, $2, 1, clock_timestamp() + interval '10 s'
  FROM share ORDER BY producer, partition
  ON CONFLICT (producer, partition) DO UPDATE SET
    owner = EXCLUDED.owner,
    epoch = held.epoch + CASE WHEN held.owner = EXCLUDED.owner THEN 0 ELSE 1 END,
    lease_expire_time = EXCLUDED.lease_expire_time
  WHERE held.owner = EXCLUDED.owner OR held.lease_expire_time < clock_timestamp()
  RETURNING producer, partition, epoch, incarnation, watermark, failures)sql";

// What others have a right to: who has too much has taken nothing before, so rows stay in key order.
constexpr char kHandBack[] = R"sql(
  UPDATE event_partitions SET owner = '', lease_expire_time = '-infinity'
  WHERE owner = $1 AND (producer, partition) IN (
    SELECT producer, partition FROM event_partitions WHERE owner = $1
    ORDER BY producer, partition OFFSET $2 FOR UPDATE))sql";

absl::StatusOr<std::vector<HeldPartition>> Inbox::Renew(const Call& call,
                                                        const std::vector<std::string>& producers) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<HeldPartition>> {
    const int share = Join(tx, owner_, producers.size());
    std::vector<HeldPartition> held;
    for (const pqxx::row& row : tx.exec_params(kRenew, pg::ToArray(producers), owner_, share)) {
      held.push_back({{row[0].as<std::string>(), row[1].as<int>()},
                      row[2].as<int64_t>(),
                      {row[3].as<std::string>(), row[4].as<int64_t>()},
                      row[5].as<int>()});
    }
    tx.exec_params(kHandBack, owner_, share);
    return held;
  });
}

absl::Status Inbox::Release(const Call& call) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) {
    tx.exec_params("DELETE FROM event_replicas WHERE owner = $1", owner_);
    tx.exec_params("UPDATE event_partitions SET owner = '', lease_expire_time = '-infinity' WHERE owner = $1",
                   owner_);
    return absl::OkStatus();
  });
}

// No row: it was applied before. Else whether its aggregate is parked.
constexpr char kEnter[] = R"sql(
  INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING
  RETURNING EXISTS (SELECT FROM dead_letters WHERE producer = $2 AND aggregate = $3))sql";

absl::Status Inbox::Apply(const Call& call, const PartitionId& id, const PartitionReader& reader,
                          const v1::Envelope& event) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    if (SeededBug("watermark_before_effects")) {
      RETURN_IF_ERROR(MoveWatermark(tx, id, reader));
      tx.exec("COMMIT; BEGIN");
    }
    pqxx::result entered = tx.exec_params(kEnter, event.event_id(), id.producer, event.aggregate());
    if (SeededBug("claim_outside_transaction")) tx.exec("COMMIT; BEGIN");
    CrashPoint("consumer.after_inbox");
    if (!entered.empty()) {
      if (entered[0][0].as<bool>()) {
        InsertDeadLetter(tx, id, event, 0, "PARKED: behind an earlier event of the aggregate");
      } else {
        RETURN_IF_ERROR(Handle(handler_, call, tx, event));
      }
    }
    CrashPoint("consumer.before_watermark");
    return SeededBug("watermark_before_effects") ? absl::OkStatus() : MoveWatermark(tx, id, reader);
  });
}

absl::Status Inbox::Park(const Call& call, const PartitionId& id, const PartitionReader& reader,
                         const v1::Envelope& event, const absl::Status& error) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    tx.exec_params("INSERT INTO inbox (event_id) VALUES ($1)", event.event_id());
    InsertDeadLetter(tx, id, event, reader.failures(), Describe(error));
    return MoveWatermark(tx, id, reader);
  });
}

constexpr char kNoteFailures[] = R"sql(
  UPDATE event_partitions SET failures = $4
  WHERE producer = $1 AND partition = $2 AND epoch = $3 AND incarnation = $5 AND watermark = $6)sql";

absl::Status Inbox::NoteFailures(const Call& call, const PartitionId& id, const PartitionReader& reader) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) {
    tx.exec_params(kNoteFailures, id.producer, id.partition, reader.epoch(), reader.failures(),
                   reader.cursor().incarnation, reader.cursor().watermark);
    return absl::OkStatus();
  });
}

// From where the reader stands and nowhere else: a move whose commit was in doubt may still come, when the
// reader has long gone on.
constexpr char kMove[] = R"sql(
  UPDATE event_partitions SET incarnation = $4, watermark = $5, failures = 0
  WHERE producer = $1 AND partition = $2 AND epoch = $3 AND incarnation = $6 AND watermark = $7)sql";

absl::Status Inbox::Move(const Call& call, const PartitionId& id, const PartitionReader& reader,
                         const Cursor& to) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    pqxx::result moved = tx.exec_params(kMove, id.producer, id.partition, reader.epoch(), to.incarnation,
                                        to.watermark, reader.cursor().incarnation, reader.cursor().watermark);
    return moved.affected_rows() == 1 ? absl::OkStatus() : LeaseLost();
  });
}

constexpr char kListRedriven[] = R"sql(
  SELECT d.id, d.producer, d.partition, d.envelope
  FROM dead_letters d JOIN event_partitions p USING (producer, partition)
  WHERE d.redrive AND p.owner = $1 AND NOT EXISTS (
    SELECT FROM dead_letters e
    WHERE e.producer = d.producer AND e.aggregate = d.aggregate AND e.id < d.id)
  ORDER BY d.id LIMIT 100)sql";

absl::StatusOr<std::vector<RedrivenEvent>> Inbox::ListRedriven(const Call& call) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<RedrivenEvent>> {
    std::vector<RedrivenEvent> list;
    for (const pqxx::row& row : tx.exec_params(kListRedriven, owner_)) {
      list.push_back({row[0].as<int64_t>(), {row[1].as<std::string>(), row[2].as<int>()}, {}});
      list.back().event.ParseFromString(pqxx::binarystring(row[3]).str());
    }
    return list;
  });
}

absl::Status Inbox::Redrive(const Call& call, const PartitionReader& reader, const RedrivenEvent& redriven) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    pqxx::result fence = tx.exec_params(
        "SELECT FROM event_partitions WHERE producer = $1 AND partition = $2 AND epoch = $3 FOR UPDATE",
        redriven.id.producer, redriven.id.partition, reader.epoch());
    if (fence.empty()) return LeaseLost();
    if (tx.exec_params("DELETE FROM dead_letters WHERE id = $1", redriven.dead_letter).affected_rows() == 0) {
      return absl::OkStatus();  // purged meanwhile
    }
    return Handle(handler_, call, tx, redriven.event);
  });
}

constexpr char kKeepParked[] = R"sql(
  UPDATE dead_letters SET
    redrive = false,
    attempts = attempts + CASE WHEN id = $3 THEN 1 ELSE 0 END,
    last_error = CASE WHEN id = $3 THEN $4 ELSE last_error END
  WHERE producer = $1 AND aggregate = $2)sql";

absl::Status Inbox::KeepParked(const Call& call, const RedrivenEvent& redriven, const absl::Status& error) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) {
    tx.exec_params(kKeepParked, redriven.id.producer, redriven.event.aggregate(), redriven.dead_letter,
                   Describe(error));
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::AckEventsRequest> Inbox::Watermarks(const Call& call, const std::string& producer) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<v1::AckEventsRequest> {
    v1::AckEventsRequest request;
    for (const pqxx::row& row : tx.exec_params(
             "SELECT incarnation, watermark FROM event_partitions WHERE producer = $1 ORDER BY partition",
             producer)) {
      // Partitions that have not met the newest incarnation yet count as not consumed.
      const std::string incarnation = row[0].as<std::string>();
      if (request.incarnation().empty()) request.set_incarnation(incarnation);
      request.add_watermarks(incarnation == request.incarnation() ? row[1].as<int64_t>() : 0);
    }
    return request;
  });
}

absl::StatusOr<int64_t> Inbox::CountParked(const Call& call) {
  return pg::ReadOnly(pool_, call, [](pqxx::work& tx) -> absl::StatusOr<int64_t> {
    return tx.exec1("SELECT count(*) FROM dead_letters")[0].as<int64_t>();
  });
}

constexpr char kPrune[] = R"sql(
  DELETE FROM inbox WHERE event_id IN (
    SELECT event_id FROM inbox WHERE apply_time < now() - interval '8 days' ORDER BY apply_time LIMIT 5000))sql";

absl::Status Inbox::Prune(const Call& call) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) {
    tx.exec(kPrune);
    tx.exec("DELETE FROM event_replicas WHERE lease_expire_time < clock_timestamp()");
    return absl::OkStatus();
  });
}

}  // namespace arasta::events
