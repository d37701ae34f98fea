// Sagas in PostgreSQL: who drives an order, and the moves, each one transaction fenced by the driver's
// epoch. A move changes the saga, the order, its payment, history and ledger together, and tells the bus.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/base/mutex.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/order/order.h"
#include "services/order/saga.h"

namespace arasta::order {

// Longer than any drive takes, so a lease is never renewed: a drive ends kLeaseMargin before it does.
inline constexpr absl::Duration kLeaseDuration = absl::Seconds(10);
inline constexpr absl::Duration kLeaseMargin = absl::Seconds(2);

// The right to drive an order.
struct SagaLease {
  OrderId id;
  int64_t epoch = 1;
  // When to stop by this process's clock; that of the lease itself is the database's.
  absl::Time stop_time;
  // Nobody drove the order before.
  bool first_drive = false;
  // What it was decided under, for the one that goes on from there.
  absl::optional<trace::Context> trace = absl::nullopt;
};

// What a driver needs to know to go on.
struct SagaSnapshot {
  SagaRecord record = {};
  Order order;
  // Where the order's lines came from, and go to from the cart when it is placed.
  std::string cart_owner;
  // Secret; empty once decided.
  std::string payment_token;
  // Failed ones, in this phase.
  int attempts = 0;
  // It has been undecided for longer than kDecideWithin.
  bool overdue = false;
};

inline constexpr absl::Duration kDecideWithin = absl::Minutes(15);

// Thread-safe. Wishes to cancel one order take turns before they take a connection: they would wait for one
// row, with all connections in their hands, until their locks time out.
class SagaStore {
 public:
  explicit SagaStore(pg::Pool& pool) : pool_(pool) {}

  // Takes over an order that nobody drives, if it is due. nullopt: it is driven, waiting, or settled.
  absl::StatusOr<absl::optional<SagaLease>> Acquire(const Call& call, const OrderId& id);
  // Takes over at most `limit` due orders, the longest waiting first. Replicas don't meet.
  absl::StatusOr<std::vector<SagaLease>> AcquireDue(const Call& call, int limit);

  // Goes on under a new epoch, which refuses what this driver wrote under the old one if its commit, in
  // doubt until now, is still to come. nullopt: the lease is lost, or the saga is settled.
  absl::StatusOr<absl::optional<SagaLease>> Renew(const Call& call, const SagaLease& lease);

  // nullopt: the lease is lost.
  absl::StatusOr<absl::optional<SagaSnapshot>> Load(const Call& call, const SagaLease& lease);

  // Writes down what `saga.step` is about: the move (move.h) and what the bus is told of it. CONFIRM, the
  // pivot, also relieves the cart. False: nothing was changed, as the lease is lost, the saga is elsewhere
  // meanwhile, or a wish to cancel came before CONFIRM. After an error either may be true, now or a little
  // later. Renew, then load it again.
  absl::StatusOr<bool> Write(const Call& call, const SagaLease& lease, const SagaSnapshot& snapshot,
                             const Saga& saga);

  // Ends the lease; whoever comes after `delay` goes on. `error` is a status code's name.
  absl::Status Reschedule(const Call& call, const SagaLease& lease, absl::Duration delay, SagaStep step,
                          absl::string_view error);

  // A customer's wish: cancels a placed order; asks the driver of a pending one to. OK where it is
  // cancelled already. NOT_FOUND: not one of `customers`'. ABORTED: not at `if_version`.
  // FAILED_PRECONDITION: too late.
  absl::Status RequestCancel(const Call& call, const OrderId& id, const std::vector<std::string>& customers,
                             absl::optional<int64_t> if_version, const std::string& reason);

  // Sagas that have been in one phase for longer than 60 s, for the metric.
  absl::StatusOr<int64_t> CountStuck(const Call& call);

 private:
  pg::Pool& pool_;
  // Orders share turns by their hash, which bounds the number of locks.
  std::array<Mutex, 64> cancel_turns_;
};

// How long to wait before attempt `attempts` + 1.
absl::Duration Backoff(int attempts);

}  // namespace arasta::order
