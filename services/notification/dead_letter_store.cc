#include "services/notification/dead_letter_store.h"

#include <pqxx/pqxx>

#include "common/pg/array.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"

namespace arasta::notification {

constexpr char kListSql[] = R"sql(
  SELECT id, producer, event_id, type, aggregate, attempts, last_error, create_time
  FROM dead_letters
  WHERE id > $1
  ORDER BY id
  LIMIT $2
)sql";

absl::StatusOr<std::vector<DeadLetter>> DeadLetterStore::List(const Call& call, int64_t after,
                                                              int limit) const {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<DeadLetter>> {
    std::vector<DeadLetter> letters;
    for (const pqxx::row& row : tx.exec_params(kListSql, after, limit)) {
      letters.push_back({.id = row["id"].as<int64_t>(),
                         .producer = row["producer"].c_str(),
                         .event_id = row["event_id"].c_str(),
                         .type = row["type"].c_str(),
                         .aggregate = row["aggregate"].c_str(),
                         .attempts = row["attempts"].as<int>(),
                         .last_error = row["last_error"].c_str(),
                         .create_time = pg::FromTimestamp(row["create_time"])});
    }
    return letters;
  });
}

constexpr char kRedriveSql[] = R"sql(
  UPDATE dead_letters SET redrive = true WHERE id = ANY ($1::bigint[])
)sql";

absl::StatusOr<int> DeadLetterStore::Redrive(const Call& call, const std::vector<int64_t>& ids) const {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<int> {
    return static_cast<int>(tx.exec_params(kRedriveSql, pg::ToArray(ids)).affected_rows());
  });
}

}  // namespace arasta::notification
