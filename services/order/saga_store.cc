#include "services/order/saga_store.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "common/base/crash_point.h"
#include "common/base/errors.h"
#include "common/base/hash.h"
#include "common/base/seeded_bug.h"
#include "common/base/status_macros.h"
#include "common/pg/transaction.h"
#include "services/order/cart_store.h"
#include "services/order/move_store.h"
#include "services/order/order_events.h"
#include "services/order/order_rows.h"

namespace arasta::order {
namespace {

absl::Time StopTime() {
  return absl::Now() + kLeaseDuration - kLeaseMargin;
}

constexpr char kAcquire[] = R"sql(
  UPDATE sagas SET epoch = epoch + 1, due_time = now() + $3 * interval '1 second'
  WHERE shard = $1 AND order_id = $2 AND phase <> 'SETTLED' AND due_time <= now()
  RETURNING epoch
)sql";

constexpr char kAcquireDue[] = R"sql(
  UPDATE sagas s SET epoch = s.epoch + 1, due_time = now() + $2 * interval '1 second'
  FROM (
    SELECT shard, order_id FROM sagas WHERE phase <> 'SETTLED' AND due_time <= now()
    ORDER BY due_time LIMIT $1 FOR UPDATE SKIP LOCKED
  ) due
  WHERE s.shard = due.shard AND s.order_id = due.order_id
  RETURNING s.order_id, s.epoch
)sql";

constexpr char kRenew[] = R"sql(
  UPDATE sagas SET epoch = epoch + 1
  WHERE shard = $1 AND order_id = $2 AND epoch = $3 AND phase <> 'SETTLED'
  RETURNING epoch
)sql";

const std::string& LoadSql() {
  static const std::string sql = absl::StrCat(kSelectOrders, R"sql(
    WHERE o.shard = $1 AND o.order_id = $2 ORDER BY l.line_number
  )sql");
  return sql;
}

constexpr char kLoadSaga[] = R"sql(
  SELECT s.phase, s.cancel_requested, p.state AS payment_state, p.token, o.cart_owner, s.attempts,
         s.phase = 'DECIDING' AND s.phase_time < now() - $4 * interval '1 second' AS overdue
  FROM sagas s JOIN payments p USING (shard, order_id) JOIN orders o USING (shard, order_id)
  WHERE s.shard = $1 AND s.order_id = $2 AND s.epoch = $3
)sql";

constexpr char kSettle[] = R"sql(
  UPDATE sagas SET phase = 'SETTLED', phase_time = now()
  WHERE shard = $1 AND order_id = $2 AND epoch = $3 AND phase = 'UNWINDING'
)sql";

constexpr char kReschedule[] = R"sql(
  UPDATE sagas SET due_time = now() + $4 * interval '1 millisecond', attempts = attempts + 1, last_step = $5,
                   last_error = $6
  WHERE shard = $1 AND order_id = $2 AND epoch = $3
)sql";

// Locks the saga first, as every move does.
constexpr char kLockForCancel[] = R"sql(
  SELECT phase, cancel_requested FROM sagas WHERE shard = $1 AND order_id = $2 FOR UPDATE
)sql";

constexpr char kAskToCancel[] = R"sql(
  WITH asked AS (
    UPDATE sagas SET cancel_requested = true WHERE shard = $1 AND order_id = $2 AND NOT cancel_requested
    RETURNING shard
  ), moved AS (
    UPDATE orders o SET version = o.version + 1, update_time = now() FROM asked
    WHERE o.shard = $1 AND o.order_id = $2 RETURNING o.version, o.state
  )
  INSERT INTO order_history (shard, order_id, sequence, action, state, payment_state, actor, reason)
  SELECT $1, $2, m.version, 'CANCEL_REQUESTED', m.state, p.state, $3, $4
  FROM moved m, payments p WHERE p.shard = $1 AND p.order_id = $2
)sql";

constexpr char kCountStuck[] = R"sql(
  SELECT count(*) FROM sagas WHERE phase <> 'SETTLED' AND phase_time < now() - interval '60 seconds'
)sql";

void Announce(pqxx::work& tx, const Call& call, const Move& move, const Order& order, OrderState previous) {
  if (move.state == OrderState::kPlaced && previous == OrderState::kPending) {
    AnnouncePlaced(tx, call, order);
  } else if (move.state != previous) {
    AnnounceCancelled(tx, call, order, previous);
  } else if (move.payment == PaymentState::kCaptured) {
    AnnounceCaptured(tx, call, order);
  } else if (move.payment == PaymentState::kRefunded) {
    AnnounceRefunded(tx, call, order);
  }
}

}  // namespace

absl::Duration Backoff(int attempts) {
  return std::min(absl::Milliseconds(200) * (1 << std::min(attempts, 5)), absl::Seconds(5));
}

absl::StatusOr<absl::optional<SagaLease>> SagaStore::Acquire(const Call& call, const OrderId& id) {
  using Result = absl::StatusOr<absl::optional<SagaLease>>;
  const absl::Time stop_time = StopTime();
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> Result {
    const pqxx::result acquired =
        tx.exec_params(kAcquire, id.shard(), id.ToString(), absl::ToInt64Seconds(kLeaseDuration));
    if (acquired.empty()) return absl::nullopt;
    return SagaLease{.id = id, .epoch = acquired[0][0].as<int64_t>(), .stop_time = stop_time};
  });
}

absl::StatusOr<std::vector<SagaLease>> SagaStore::AcquireDue(const Call& call, int limit) {
  const absl::Time stop_time = StopTime();
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<SagaLease>> {
    std::vector<SagaLease> leases;
    for (const pqxx::row& row : tx.exec_params(kAcquireDue, limit, absl::ToInt64Seconds(kLeaseDuration))) {
      leases.push_back({.id = OrderIdFrom(row[0]), .epoch = row[1].as<int64_t>(), .stop_time = stop_time});
    }
    return leases;
  });
}

absl::StatusOr<absl::optional<SagaLease>> SagaStore::Renew(const Call& call, const SagaLease& lease) {
  using Result = absl::StatusOr<absl::optional<SagaLease>>;
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> Result {
    const pqxx::result renewed = tx.exec_params(kRenew, lease.id.shard(), lease.id.ToString(), lease.epoch);
    if (renewed.empty()) return absl::nullopt;
    return SagaLease{.id = lease.id, .epoch = renewed[0][0].as<int64_t>(), .stop_time = lease.stop_time};
  });
}

absl::StatusOr<absl::optional<SagaSnapshot>> SagaStore::Load(const Call& call, const SagaLease& lease) {
  using Result = absl::StatusOr<absl::optional<SagaSnapshot>>;
  const std::string id = lease.id.ToString();
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> Result {
    const pqxx::result sagas =
        tx.exec_params(kLoadSaga, lease.id.shard(), id, lease.epoch, absl::ToInt64Seconds(kDecideWithin));
    if (sagas.empty()) return absl::nullopt;
    const pqxx::row& saga = sagas[0];
    std::vector<Order> orders = OrdersFrom(tx.exec_params(LoadSql(), lease.id.shard(), id));
    return SagaSnapshot{.record = {.phase = SagaPhaseFrom(saga["phase"].c_str()).value(),
                                   .payment = PaymentStateFrom(saga["payment_state"].c_str()).value(),
                                   .cancel_requested = saga["cancel_requested"].as<bool>()},
                        .order = std::move(orders.at(0)),
                        .cart_owner = saga["cart_owner"].as<std::string>(),
                        .payment_token = saga["token"].as<std::string>(),
                        .attempts = saga["attempts"].as<int>(),
                        .overdue = saga["overdue"].as<bool>()};
  });
}

absl::StatusOr<bool> SagaStore::Write(const Call& call, const SagaLease& lease, const SagaSnapshot& snapshot,
                                      const Saga& saga) {
  if (OnlySettles(saga, snapshot.record)) {
    return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<bool> {
      return tx.exec_params(kSettle, lease.id.shard(), lease.id.ToString(), lease.epoch).affected_rows() == 1;
    });
  }
  ASSIGN_OR_RETURN(Move move, MoveOf(saga, snapshot.record, snapshot.order.state));
  move.id = lease.id;
  move.epoch = SeededBug("saga_without_epoch") ? 0 : lease.epoch;  // 0: whoever drives
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<bool> {
    const absl::optional<Moved> moved = Apply(tx, move, kLeaseDuration);
    if (!moved) return false;
    if (saga.step == SagaStep::kConfirm) {
      RemoveBought(tx, snapshot.cart_owner, lease.id.shard(), lease.id.ToString());
    }
    Announce(tx, call, move, After(snapshot.order, move, *moved), snapshot.order.state);
    if (saga.step == SagaStep::kConfirm) CrashPoint("order.before_confirm_commit");
    return true;
  });
}

absl::Status SagaStore::Reschedule(const Call& call, const SagaLease& lease, absl::Duration delay,
                                   SagaStep step, absl::string_view error) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    tx.exec_params(kReschedule, lease.id.shard(), lease.id.ToString(), lease.epoch,
                   absl::ToInt64Milliseconds(delay), std::string(ToString(step)), std::string(error));
    return absl::OkStatus();
  });
}

absl::Status SagaStore::RequestCancel(const Call& call, const OrderId& id,
                                      const std::vector<std::string>& customers,
                                      absl::optional<int64_t> if_version, const std::string& reason) {
  MutexLock turn(cancel_turns_[StableHash(id.ToString()) % cancel_turns_.size()]);
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    const pqxx::result sagas = tx.exec_params(kLockForCancel, id.shard(), id.ToString());
    if (sagas.empty()) return NotFound(id.ToName());
    const Order order = OrdersFrom(tx.exec_params(LoadSql(), id.shard(), id.ToString())).at(0);
    if (std::find(customers.begin(), customers.end(), order.customer) == customers.end()) {
      return NotFound(id.ToName());
    }
    if (order.state == OrderState::kCancelled) return absl::OkStatus();
    if (if_version && *if_version != order.version) {
      return Error(absl::StatusCode::kAborted, "STALE_ETAG", "the order has changed");
    }
    const SagaRecord record{.phase = SagaPhaseFrom(sagas[0]["phase"].c_str()).value(),
                            .payment = order.payment.state};
    ASSIGN_OR_RETURN(Move move, CancelByCustomer(record, order.state));
    if (order.state == OrderState::kPending) {
      tx.exec_params(kAskToCancel, id.shard(), id.ToString(), call.principal().name, reason);
      return absl::OkStatus();
    }
    move.id = id;
    move.actor = call.principal().name;
    move.reason = reason;
    const absl::optional<Moved> moved = Apply(tx, move, absl::ZeroDuration());
    if (!moved) return absl::InternalError("the saga moved under its lock");
    AnnounceCancelled(tx, call, After(order, move, *moved), order.state);
    return absl::OkStatus();
  });
}

absl::StatusOr<int64_t> SagaStore::CountStuck(const Call& call) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<int64_t> {
    return tx.exec1(kCountStuck)[0].as<int64_t>();
  });
}

}  // namespace arasta::order
