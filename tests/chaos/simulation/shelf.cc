#include "tests/chaos/simulation/shelf.h"

#include <memory>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace arasta::simulation {

using catalog::Availability;
using catalog::ReservationKey;
using catalog::ReservationState;
using catalog::ReservationTask;
using catalog::ReserveRequest;

Shelf::Shelf(World& world, const std::map<std::string, int64_t>& on_hand) : world_(world), initial_(on_hand) {
  for (const auto& [sku, units] : on_hand) {
    stock_[sku].sku = sku;
    stock_[sku].on_hand = units;
  }
}

Availability Shelf::Available() const {
  Availability available;
  for (const auto& [sku, stock] : stock_) available[sku] = stock.available();
  return available;
}

std::vector<absl::Status> Shelf::ReserveAll(const std::vector<ReserveRequest>& requests,
                                            const Availability& seen) {
  if (world_.Strikes(Fault::kRefused, 10)) {
    return {requests.size(), Error(absl::StatusCode::kUnavailable, "LOCK_TIMEOUT", "a row is locked")};
  }
  auto outcomes = std::make_shared<Outcomes>();
  absl::Status status = world_.Transact([this, requests, seen, outcomes]() -> absl::Status {
    *outcomes = HoldFresh(requests, seen);
    return outcomes->any_held ? absl::OkStatus() : absl::CancelledError("nothing held");
  });
  // In doubt: what stands for any of them stands for all.
  if (ReasonOf(status) == "COMMIT_IN_DOUBT") {
    for (const auto& [key, outcome] : outcomes->by_key) {
      if (outcome.ok() && Find(key) != nullptr) status = absl::OkStatus();
    }
  }
  std::vector<absl::Status> answers;
  for (const ReserveRequest& request : requests) {
    const auto outcome = outcomes->by_key.find(request.key);
    if (!status.ok() && !absl::IsCancelled(status)) {
      answers.push_back(status);
    } else {
      answers.push_back(outcome != outcomes->by_key.end() ? outcome->second : ReserveAgain(request));
    }
  }
  return answers;
}

Shelf::Outcomes Shelf::HoldFresh(const std::vector<ReserveRequest>& requests, const Availability& seen) {
  std::vector<const ReserveRequest*> fresh;
  for (const ReserveRequest& request : requests) {
    if (!reservations_.contains(request.key)) fresh.push_back(&request);
  }
  FreeExpired();
  Availability available = world_.Has(Bug::kReserveReadThenWrite) ? seen : Available();
  const std::vector<absl::Status> allotted = catalog::Allocate(fresh, available);
  Outcomes outcomes;
  for (size_t i = 0; i < fresh.size(); ++i) {
    outcomes.by_key[fresh[i]->key] = allotted[i];
    if (!allotted[i].ok()) continue;
    outcomes.any_held = true;
    Hold(*fresh[i]);
  }
  Check();
  return outcomes;
}

absl::Status Shelf::ReserveAgain(const ReserveRequest& request) {
  return world_.Transact([this, request]() -> absl::Status {
    Row* row = Find(request.key);
    if (row == nullptr) return Error(absl::StatusCode::kUnavailable, "CLAIM_VANISHED", "try again");
    ASSIGN_OR_RETURN(const ReservationTask task, catalog::OnReserve(row->reservation, request.lines));
    if (task == ReservationTask::kNothing) return absl::OkStatus();
    FreeExpired();
    Availability available = Available();
    const ReserveRequest* requests[] = {&request};
    RETURN_IF_ERROR(catalog::Allocate(requests, available).front());
    Hold(request);
    Check();
    return absl::OkStatus();
  });
}

absl::Status Shelf::Commit(const ReservationKey& key) {
  const absl::Status status = world_.Transact([this, key]() -> absl::Status {
    Row* row = Find(key);
    if (row == nullptr) return NotFound("reservation");
    ASSIGN_OR_RETURN(const ReservationTask task, catalog::OnCommit(row->reservation));
    if (task == ReservationTask::kNothing) return absl::OkStatus();
    FreeExpired();
    if (!row->counted) {
      Availability available = Available();
      const ReserveRequest again{.key = key, .lines = row->reservation.lines};
      const ReserveRequest* requests[] = {&again};
      RETURN_IF_ERROR(catalog::Allocate(requests, available).front());
    }
    Count(*row, false);
    for (const catalog::ReservationLine& line : row->reservation.lines)
      stock_[line.sku].on_hand -= line.quantity;
    row->reservation.state = ReservationState::kCommitted;
    Check();
    return absl::OkStatus();
  });
  return ReasonOf(status) == "COMMIT_IN_DOUBT" && IsSold(key) ? absl::OkStatus() : status;
}

absl::Status Shelf::Release(const ReservationKey& key) {
  return world_.Transact([this, key]() -> absl::Status {
    Row* row = Find(key);
    if (row == nullptr) {
      if (world_.Has(Bug::kReleaseLetsReserve)) return absl::OkStatus();
      reservations_[key].reservation.state = ReservationState::kReleased;
      return absl::OkStatus();
    }
    if (catalog::OnRelease(row->reservation) == ReservationTask::kNothing) return absl::OkStatus();
    Count(*row, false);
    if (row->reservation.state == ReservationState::kCommitted) {
      for (const catalog::ReservationLine& line : row->reservation.lines)
        stock_[line.sku].on_hand += line.quantity;
    }
    row->reservation.state = ReservationState::kReleased;
    Check();
    return absl::OkStatus();
  });
}

bool Shelf::IsSold(const ReservationKey& key) const {
  const auto row = reservations_.find(key);
  return row != reservations_.end() && row->second.reservation.state == ReservationState::kCommitted;
}

bool Shelf::IsHeld(const ReservationKey& key) const {
  const auto row = reservations_.find(key);
  return row != reservations_.end() && row->second.counted;
}

Shelf::Row* Shelf::Find(const ReservationKey& key) {
  const auto row = reservations_.find(key);
  if (row == reservations_.end()) return nullptr;
  catalog::Reservation& reservation = row->second.reservation;
  if (reservation.state == ReservationState::kHeld && reservation.expire_time <= world_.now()) {
    reservation.state = ReservationState::kExpired;
  }
  return &row->second;
}

void Shelf::FreeExpired() {
  for (auto& [key, row] : reservations_) {
    if (row.counted && row.reservation.expire_time <= world_.now()) Count(row, false);
  }
}

void Shelf::Count(Row& row, bool counted) {
  if (row.counted == counted) return;
  row.counted = counted;
  for (const catalog::ReservationLine& line : row.reservation.lines) {
    stock_[line.sku].reserved += counted ? line.quantity : -line.quantity;
  }
}

void Shelf::Hold(const ReserveRequest& request) {
  Row& row = reservations_[request.key];
  row.reservation.key = request.key;
  row.reservation.state = ReservationState::kHeld;
  row.reservation.lines = request.lines;
  row.reservation.expire_time = world_.now() + request.hold;
  Count(row, true);
}

void Shelf::Check() {
  std::map<std::string, int64_t> held, sold;
  for (const auto& [key, row] : reservations_) {
    for (const catalog::ReservationLine& line : row.reservation.lines) {
      if (row.counted) held[line.sku] += line.quantity;
      if (row.reservation.state == ReservationState::kCommitted) sold[line.sku] += line.quantity;
    }
  }
  for (const auto& [sku, stock] : stock_) {
    world_.Holds(Fact::kS1WithinOnHand, 0 <= stock.reserved && stock.reserved <= stock.on_hand, sku, ": ",
                 stock.reserved, " of ", stock.on_hand);
    world_.Holds(Fact::kS2SoldLeft, stock.on_hand == initial_[sku] - sold[sku], sku, ": ", stock.on_hand);
    world_.Holds(Fact::kS3ReservedIsHeld, stock.reserved == held[sku], sku, ": ", stock.reserved);
  }
}

}  // namespace arasta::simulation
