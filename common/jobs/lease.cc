#include "common/jobs/lease.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <utility>

#include "common/base/errors.h"
#include "common/pg/array.h"
#include "common/pg/transaction.h"

namespace arasta::jobs {

Leases::Leases(pg::Pool& pool, std::string owner) : pool_(pool), owner_(std::move(owner)) {}

// Rows are locked in order of name, as every process does.
constexpr char kRenew[] = R"sql(
  INSERT INTO leases AS held (name, owner, epoch, expire_time)
  SELECT name, $2, 1, clock_timestamp() + $3 * interval '1 ms'
  FROM unnest($1::text[]) AS name ORDER BY name
  ON CONFLICT (name) DO UPDATE SET
    owner = EXCLUDED.owner,
    epoch = held.epoch + CASE WHEN held.owner = EXCLUDED.owner THEN 0 ELSE 1 END,
    expire_time = EXCLUDED.expire_time
  WHERE held.owner = EXCLUDED.owner OR held.expire_time < clock_timestamp()
  RETURNING name, epoch)sql";

absl::StatusOr<std::vector<Lease>> Leases::Renew(const Call& call, const std::vector<std::string>& names) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<Lease>> {
    std::vector<Lease> held;
    for (const pqxx::row& row :
         tx.exec_params(kRenew, pg::ToArray(names), owner_, absl::ToInt64Milliseconds(kLeaseDuration))) {
      held.push_back({row[0].as<std::string>(), row[1].as<int64_t>()});
    }
    return held;
  });
}

absl::Status Leases::Release(const Call& call) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) {
    tx.exec_params("UPDATE leases SET owner = '', expire_time = '-infinity' WHERE owner = $1", owner_);
    return absl::OkStatus();
  });
}

absl::Status Fence(pqxx::work& tx, const Lease& lease) {
  if (!tx.exec_params("SELECT FROM leases WHERE name = $1 AND epoch = $2 FOR SHARE", lease.name, lease.epoch)
           .empty()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kAborted, "LEASE_LOST", "another replica has taken over");
}

pg::Migration LeaseMigration() {
  return {"jobs/0001_leases", R"sql(
    CREATE TABLE leases (
      name text PRIMARY KEY,
      owner text NOT NULL,
      epoch bigint NOT NULL,
      expire_time timestamptz NOT NULL
    );
  )sql"};
}

}  // namespace arasta::jobs
