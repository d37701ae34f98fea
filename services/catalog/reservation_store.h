// Reservations on PostgreSQL: holding stock for orders, selling it, giving it back.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/catalog/stock.h"

namespace arasta::catalog {

// Thread-safe. Every method may be repeated with the same key; the contract of each is the one of its
// RPC in inventory_service.proto. Time is the database's.
class ReservationStore {
 public:
  explicit ReservationStore(pg::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Reservation> Reserve(const Call& call, const ReserveRequest& request);

  // Serves several requests, of different keys, in one transaction and in order; each gets its own
  // answer. An error of the transaction itself is the answer to all.
  std::vector<absl::StatusOr<Reservation>> ReserveAll(const Call& call,
                                                      absl::Span<const ReserveRequest* const> requests);

  absl::StatusOr<Reservation> Commit(const Call& call, const ReservationKey& key);
  absl::StatusOr<Reservation> Release(const Call& call, const ReservationKey& key);
  absl::StatusOr<Reservation> Find(const Call& call, const ReservationKey& key);

 private:
  absl::StatusOr<Reservation> ReserveAgain(const Call& call, const ReserveRequest& request);

  pg::Pool& pool_;
};

}  // namespace arasta::catalog
