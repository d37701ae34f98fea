#include "services/catalog/reservation_store.h"

#include <map>
#include <pqxx/pqxx>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crash_point.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/pg/transaction.h"
#include "services/catalog/names.h"
#include "services/catalog/reservation_rows.h"
#include "services/catalog/stock_rows.h"

namespace arasta::catalog {
namespace {

absl::Status NoSuchReservation(const ReservationKey& key) {
  return NotFound(absl::StrCat(OrderName(key.order), "/reservations/", key.generation));
}

// A claim appeared and went again while we looked: another attempt was refused and took it back.
// InTransaction repeats what ends so.
absl::Status Contention() {
  return Error(absl::StatusCode::kAborted, "CONTENTION", "try again");
}

// The same seen by ReserveStock, which has to begin anew: the caller retries.
absl::Status ClaimVanished() {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, "CLAIM_VANISHED", "try again"),
                        absl::Milliseconds(10));
}

// Ends a transaction that has nothing to keep, so that a refusal costs no commit.
absl::Status NothingHeld() {
  return absl::CancelledError();
}

std::vector<std::string> AllSkus(absl::Span<const ReserveRequest* const> requests) {
  std::set<std::string> skus;
  for (const ReserveRequest* request : requests) {
    for (const ReservationLine& line : request->lines) skus.insert(line.sku);
  }
  return {skus.begin(), skus.end()};
}

using Claims = std::map<ReservationKey, Reservation>;

// What one transaction did for a batch.
struct Batch {
  std::map<ReservationKey, absl::StatusOr<Reservation>> outcomes;
  bool any_held = false;
};

// Claims, locks, allocates, holds. Requests whose reservation exists already have no outcome.
Batch HoldFresh(pqxx::work& tx, absl::Span<const ReserveRequest* const> requests) {
  const Claims claims = ClaimReservations(tx, requests);
  std::vector<const ReserveRequest*> fresh;
  for (const ReserveRequest* request : requests) {
    if (claims.contains(request->key)) fresh.push_back(request);
  }
  Batch batch;
  if (fresh.empty()) return batch;
  Availability available = AvailabilityOf(LockStock(tx, AllSkus(fresh)));
  const std::vector<absl::Status> allotted = Allocate(fresh, available);
  std::vector<const ReserveRequest*> granted;
  std::vector<ReservationKey> refused;
  for (size_t i = 0; i < fresh.size(); ++i) {
    const ReserveRequest& request = *fresh[i];
    if (allotted[i].ok()) {
      Reservation held = claims.at(request.key);
      held.lines = request.lines;
      batch.outcomes.emplace(request.key, std::move(held));
      granted.push_back(&request);
    } else {
      batch.outcomes.emplace(request.key, allotted[i]);
      refused.push_back(request.key);
    }
  }
  batch.any_held = !granted.empty();
  if (batch.any_held) {
    HoldLines(tx, granted);
    UnclaimReservations(tx, refused);
  }
  return batch;
}

}  // namespace

absl::StatusOr<Reservation> ReservationStore::Reserve(const Call& call, const ReserveRequest& request) {
  const ReserveRequest* requests[] = {&request};
  return std::move(ReserveAll(call, requests).front());
}

std::vector<absl::StatusOr<Reservation>> ReservationStore::ReserveAll(
    const Call& call, absl::Span<const ReserveRequest* const> requests) {
  Batch batch;
  absl::Status status = pg::InTransaction(
      pool_, call,
      [&](pqxx::work& tx) -> absl::Status {
        batch = HoldFresh(tx, requests);
        if (!batch.any_held) return NothingHeld();
        CrashPoint("catalog.before_reserve_commit");
        return absl::OkStatus();
      },
      // In doubt: what stands for any of them stands for all, as they were committed together.
      [&](pqxx::work& tx) -> absl::Status {
        for (const auto& [key, outcome] : batch.outcomes) {
          if (outcome.ok() && LoadReservation(tx, key).has_value()) return absl::OkStatus();
        }
        return absl::NotFoundError("");
      });
  if (status.ok()) CrashPoint("catalog.after_reserve");
  const bool done = status.ok() || absl::IsCancelled(status);
  std::vector<absl::StatusOr<Reservation>> answers;
  for (const ReserveRequest* request : requests) {
    auto outcome = batch.outcomes.find(request->key);
    if (!done) {
      answers.push_back(status);
    } else if (outcome != batch.outcomes.end()) {
      answers.push_back(outcome->second);
    } else {
      answers.push_back(ReserveAgain(call, *request));
    }
  }
  return answers;
}

// Of a reservation that exists.
absl::StatusOr<Reservation> ReservationStore::ReserveAgain(const Call& call, const ReserveRequest& request) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Reservation> {
    absl::optional<Reservation> reservation = LockReservation(tx, request.key);
    if (!reservation.has_value()) return ClaimVanished();
    ASSIGN_OR_RETURN(const ReservationTask task, OnReserve(*reservation, request.lines));
    if (task == ReservationTask::kNothing) return *std::move(reservation);
    Availability available = AvailabilityOf(LockStock(tx, SkusOf(request.lines)));
    const ReserveRequest* requests[] = {&request};
    RETURN_IF_ERROR(Allocate(requests, available).front());
    HoldAgain(tx, request.key, request.hold);
    return *LoadReservation(tx, request.key);
  });
}

absl::StatusOr<Reservation> ReservationStore::Commit(const Call& call, const ReservationKey& key) {
  absl::StatusOr<Reservation> committed = pg::InTransaction(
      pool_, call,
      [&](pqxx::work& tx) -> absl::StatusOr<Reservation> {
        absl::optional<Reservation> reservation = LockReservation(tx, key);
        if (!reservation.has_value()) return NoSuchReservation(key);
        ASSIGN_OR_RETURN(const ReservationTask task, OnCommit(*reservation));
        if (task == ReservationTask::kNothing) return *std::move(reservation);
        Availability available = AvailabilityOf(LockStock(tx, SkusOf(reservation->lines)));
        const ReserveRequest again{key, UncountedLines(tx, key)};
        const ReserveRequest* requests[] = {&again};
        RETURN_IF_ERROR(Allocate(requests, available).front());
        return SellLines(tx, *std::move(reservation));
      },
      [&](pqxx::work& tx) -> absl::StatusOr<Reservation> {
        absl::optional<Reservation> reservation = LoadReservation(tx, key);
        if (!reservation.has_value() || reservation->state != ReservationState::kCommitted) {
          return NoSuchReservation(key);
        }
        return *std::move(reservation);
      });
  if (committed.ok()) CrashPoint("catalog.after_commit_reservation");
  return committed;
}

absl::StatusOr<Reservation> ReservationStore::Release(const Call& call, const ReservationKey& key) {
  return pg::InTransaction(
      pool_, call,
      [&](pqxx::work& tx) -> absl::StatusOr<Reservation> {
        if (ForbidReservation(tx, key)) return *LoadReservation(tx, key);
        absl::optional<Reservation> reservation = LockReservation(tx, key);
        if (!reservation.has_value()) return Contention();
        if (OnRelease(*reservation) == ReservationTask::kNothing) return *std::move(reservation);
        LockStock(tx, SkusOf(reservation->lines));
        return GiveBack(tx, *std::move(reservation));
      },
      [&](pqxx::work& tx) -> absl::StatusOr<Reservation> {
        absl::optional<Reservation> reservation = LoadReservation(tx, key);
        if (!reservation.has_value() || reservation->state != ReservationState::kReleased) {
          return NoSuchReservation(key);
        }
        return *std::move(reservation);
      });
}

absl::StatusOr<Reservation> ReservationStore::Find(const Call& call, const ReservationKey& key) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Reservation> {
    absl::optional<Reservation> reservation = LoadReservation(tx, key);
    if (!reservation.has_value()) return NoSuchReservation(key);
    return *std::move(reservation);
  });
}

}  // namespace arasta::catalog
