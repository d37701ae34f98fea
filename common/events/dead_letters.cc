#include "common/events/dead_letters.h"

#include <pqxx/pqxx>

#include "common/pg/array.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"

namespace arasta::events {

constexpr char kList[] = R"sql(
  SELECT id, producer, event_id, type, aggregate, aggregate_version, attempts, last_error, redrive, create_time
  FROM dead_letters WHERE id > $1 ORDER BY id LIMIT $2)sql";

absl::StatusOr<std::vector<DeadLetter>> DeadLetters::List(const Call& call, int64_t after, int limit) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<DeadLetter>> {
    std::vector<DeadLetter> letters;
    for (const pqxx::row& row : tx.exec_params(kList, after, limit)) {
      letters.push_back({.id = row[0].as<int64_t>(),
                         .producer = row[1].as<std::string>(),
                         .event_id = row[2].as<std::string>(),
                         .type = row[3].as<std::string>(),
                         .aggregate = row[4].as<std::string>(),
                         .aggregate_version = row[5].as<int64_t>(),
                         .attempts = row[6].as<int>(),
                         .last_error = row[7].as<std::string>(),
                         .redrive = row[8].as<bool>(),
                         .create_time = pg::FromTimestamp(row[9])});
    }
    return letters;
  });
}

constexpr char kRedrive[] = R"sql(
  UPDATE dead_letters SET redrive = true
  WHERE (producer, aggregate) IN (
    SELECT producer, aggregate FROM dead_letters WHERE event_id = ANY ($1::uuid[])))sql";

absl::StatusOr<int> DeadLetters::Redrive(const Call& call, const std::vector<std::string>& event_ids) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<int> {
    return static_cast<int>(tx.exec_params(kRedrive, pg::ToArray(event_ids)).affected_rows());
  });
}

}  // namespace arasta::events
