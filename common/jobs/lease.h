// Leases in PostgreSQL: which replica does a piece of background work, by the database's clock.
#pragma once

#include <cstdint>
#include <pqxx/transaction>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/pg/migrations.h"
#include "common/pg/pool.h"

namespace arasta::jobs {

// A lease this process holds. The epoch grows with every change of hands.
struct Lease {
  std::string name;
  int64_t epoch;
};

constexpr absl::Duration kLeaseDuration = absl::Seconds(10);
constexpr absl::Duration kRenewInterval = absl::Seconds(3);

// The leases of one process. Thread-safe.
class Leases {
 public:
  // `owner` is this process's own, such as a random UUID.
  Leases(pg::Pool& pool, std::string owner);

  // Takes those of `names` that are free or have run out and renews those already held, all in one
  // statement; returns what is held now. Call every kRenewInterval.
  absl::StatusOr<std::vector<Lease>> Renew(const Call& call, const std::vector<std::string>& names);

  // Gives everything back, so that another replica needn't wait.
  absl::Status Release(const Call& call);

 private:
  pg::Pool& pool_;
  const std::string owner_;
};

// Keeps a lease from changing hands until `tx` ends. ABORTED with reason LEASE_LOST when it already has:
// the transaction must write nothing. For work that a process woken from a long sleep would spoil.
absl::Status Fence(pqxx::work& tx, const Lease& lease);

pg::Migration LeaseMigration();

}  // namespace arasta::jobs
