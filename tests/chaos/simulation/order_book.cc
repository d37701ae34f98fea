#include "tests/chaos/simulation/order_book.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/order/ledger.h"

namespace arasta::simulation {

using order::Move;
using order::OrderId;
using order::OrderState;
using order::SagaLease;
using order::SagaPhase;
using order::SagaSnapshot;

namespace {

bool IsLegal(OrderState from, OrderState to) {
  if (from == to) return true;
  for (const order::OrderCommand command : order::kOrderCommands) {
    const absl::StatusOr<OrderState> next = order::Next(from, command);
    if (next.ok() && *next == to) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<bool> OrderBook::Claim(const order::Order& order, const std::string& token) {
  return world_.Ask<bool>([this, order, token]() -> absl::StatusOr<bool> {
    OrderRow row{.order = order, .token = token};
    row.due_time = world_.now() + order::kLeaseDuration;
    row.phase_time = world_.now();
    row.order.version = 1;
    return rows_.try_emplace(order.id, std::move(row)).second;
  });
}

absl::StatusOr<order::Order> OrderBook::Find(const OrderId& id) const {
  if (world_.Strikes(Fault::kRefused, 10)) return absl::UnavailableError("refused");
  const auto row = rows_.find(id);
  if (row == rows_.end()) return NotFound(id.ToName());
  return row->second.order;
}

absl::StatusOr<std::vector<SagaLease>> OrderBook::Acquire(const absl::optional<OrderId>& id, size_t limit) {
  using Leases = std::vector<SagaLease>;
  return world_.Ask<Leases>([this, id, limit]() -> absl::StatusOr<Leases> {
    Leases leases;
    for (auto& [key, row] : rows_) {
      if (id && *id != key) continue;
      if (row.record.phase == SagaPhase::kSettled || row.due_time > world_.now()) continue;
      if (leases.size() == limit) break;
      row.due_time = world_.now() + order::kLeaseDuration;
      // When to stop is for the taker to say, by a clock of its own.
      leases.push_back({.id = key, .epoch = ++row.epoch, .stop_time = absl::InfinitePast()});
    }
    return leases;
  });
}

absl::StatusOr<absl::optional<SagaLease>> OrderBook::Renew(const SagaLease& lease) {
  using Renewed = absl::optional<SagaLease>;
  return world_.Ask<Renewed>([this, lease]() -> absl::StatusOr<Renewed> {
    OrderRow& row = rows_.at(lease.id);
    if (row.epoch != lease.epoch || row.record.phase == SagaPhase::kSettled) return Renewed();
    return Renewed({.id = lease.id, .epoch = ++row.epoch, .stop_time = lease.stop_time});
  });
}

absl::StatusOr<absl::optional<SagaSnapshot>> OrderBook::Load(const SagaLease& lease) const {
  if (world_.Strikes(Fault::kRefused, 10)) return absl::UnavailableError("refused");
  const auto found = rows_.find(lease.id);
  if (found == rows_.end() || found->second.epoch != lease.epoch) return absl::optional<SagaSnapshot>();
  const OrderRow& row = found->second;
  const bool overdue =
      row.record.phase == SagaPhase::kDeciding && row.phase_time < world_.now() - order::kDecideWithin;
  return absl::make_optional<SagaSnapshot>({.record = row.record,
                                            .order = row.order,
                                            .cart_owner = row.order.customer,
                                            .payment_token = row.token,
                                            .attempts = row.attempts,
                                            .overdue = overdue});
}

absl::StatusOr<bool> OrderBook::Write(const SagaLease& lease, const SagaSnapshot& snapshot,
                                      const order::Saga& saga) {
  if (order::OnlySettles(saga, snapshot.record)) {
    return world_.Ask<bool>([this, lease]() -> absl::StatusOr<bool> {
      OrderRow& row = rows_.at(lease.id);
      if (row.epoch != lease.epoch || row.record.phase != SagaPhase::kUnwinding) return false;
      row.record.phase = SagaPhase::kSettled;
      return true;
    });
  }
  ASSIGN_OR_RETURN(const Move move, order::MoveOf(saga, snapshot.record, snapshot.order.state));
  return world_.Ask<bool>([this, lease, move]() -> absl::StatusOr<bool> {
    OrderRow& row = rows_.at(lease.id);
    if (!MayMove(row, lease.epoch, move)) return false;
    Apply(row, move, order::kLeaseDuration);
    return true;
  });
}

bool OrderBook::MayMove(const OrderRow& row, int64_t epoch, const Move& move) const {
  if (world_.Has(Bug::kMovesUnfenced)) return true;
  const bool confirms = move.phase == SagaPhase::kCapturing;
  if (confirms && world_.Has(Bug::kConfirmWithoutCompareAndSet)) return row.epoch == epoch;
  return row.epoch == epoch && row.record.phase == move.from_phase &&
         !(confirms && row.record.cancel_requested);
}

void OrderBook::Apply(OrderRow& row, const Move& move, absl::Duration lease) {
  world_.Trace(row.order.id.ToString(), ": ", move.action, ", ", order::ToString(move.phase));
  world_.Holds(Fact::kO3LegalHistory, IsLegal(row.order.state, move.state), row.order.id.ToString(), " from ",
               order::ToString(row.order.state), " to ", order::ToString(move.state));
  Book(row, move);
  row.record.phase = move.phase;
  row.record.payment = row.order.payment.state = move.payment;
  row.order.state = move.state;
  if (row.order.refusal.reason == order::CancelReason::kNone) row.order.refusal = move.refusal;
  row.was_placed |= move.state == OrderState::kPlaced;
  ++row.order.version;
  row.attempts = 0;
  row.phase_time = world_.now();
  row.due_time = world_.now() + lease;
}

// Each account of an order is empty or full: whatever is booked twice shows.
void OrderBook::Book(OrderRow& row, const Move& move) {
  const int64_t total = row.order.totals.total;
  for (const order::LedgerMove& booking : order::MovesBetween(move.from_payment, move.payment)) {
    row.accounts[std::string(booking.debit_account)] += total;
    row.accounts[std::string(booking.credit_account)] -= total;
  }
  int64_t sum = 0;
  for (const auto& [account, amount] : row.accounts) {
    sum += amount;
    world_.Holds(Fact::kM2WithinBounds, amount >= -total && amount <= total, account, " holds ", amount);
  }
  world_.Holds(Fact::kM1Balanced, sum == 0, row.order.id.ToString());
}

absl::Status OrderBook::Reschedule(const SagaLease& lease, absl::Duration delay) {
  return world_.Transact([this, lease, delay]() -> absl::Status {
    OrderRow& row = rows_.at(lease.id);
    if (row.epoch != lease.epoch) return absl::OkStatus();
    row.due_time = world_.now() + delay;
    ++row.attempts;
    return absl::OkStatus();
  });
}

absl::Status OrderBook::RequestCancel(const OrderId& id) {
  return world_.Transact([this, id]() -> absl::Status {
    const auto found = rows_.find(id);
    if (found == rows_.end()) return NotFound(id.ToName());
    OrderRow& row = found->second;
    if (row.order.state == OrderState::kCancelled) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Move move, order::CancelByCustomer(row.record, row.order.state));
    if (row.order.state == OrderState::kPending) {
      row.record.cancel_requested = true;
    } else {
      Apply(row, move, absl::ZeroDuration());
    }
    return absl::OkStatus();
  });
}

}  // namespace arasta::simulation
