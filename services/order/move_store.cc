#include "services/order/move_store.h"

#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include "common/base/seeded_bug.h"
#include "common/pg/time.h"
#include "services/order/ledger.h"

namespace arasta::order {
namespace {

// Everything hangs on the saga's row: the compare-and-set of phase and epoch. A confirmation meets a wish
// to cancel there too.
constexpr char kMove[] = R"sql(
  WITH saga AS (
    UPDATE sagas SET phase = $5, phase_time = now(), attempts = 0, last_step = '', last_error = '',
                     due_time = now() + $16 * interval '1 second'
    WHERE shard = $1 AND order_id = $2 AND phase = $4 AND ($3::bigint = 0 OR epoch = $3)
      AND NOT ($5 = 'CAPTURING' AND cancel_requested)
    RETURNING shard, order_id
  ), moved AS (
    UPDATE orders o
    SET version = o.version + 1, update_time = now(), state = $6,
        order_number = CASE WHEN $6 = 'PLACED' THEN coalesce(o.order_number, nextval('order_numbers'))
                            ELSE o.order_number END,
        place_time = CASE WHEN $6 = 'PLACED' THEN coalesce(o.place_time, now()) ELSE o.place_time END,
        cancel_time = CASE WHEN $6 = 'CANCELLED' THEN coalesce(o.cancel_time, now()) ELSE o.cancel_time END,
        cancel_reason = CASE WHEN $6 = 'CANCELLED' AND o.cancel_reason = '' THEN $11 ELSE o.cancel_reason END,
        refused_sku = CASE WHEN $12 <> '' THEN $12 ELSE o.refused_sku END,
        refused_available = CASE WHEN $12 <> '' THEN $13::bigint ELSE o.refused_available END
    FROM saga WHERE o.shard = $1 AND o.order_id = $2
    RETURNING o.version, o.order_number, o.update_time, o.currency, o.total
  ), paid AS (
    UPDATE payments p
    SET state = $7, token = '',
        authorized = CASE WHEN $7 IN ('AUTHORIZED', 'CAPTURED', 'REFUNDED') THEN m.total ELSE p.authorized END,
        captured = CASE WHEN $7 IN ('CAPTURED', 'REFUNDED') THEN m.total ELSE p.captured END,
        refunded = CASE WHEN $7 = 'REFUNDED' THEN m.total ELSE p.refunded END,
        decline_code = CASE WHEN $14 <> '' THEN $14 ELSE p.decline_code END
    FROM moved m WHERE p.shard = $1 AND p.order_id = $2
  ), history AS (
    INSERT INTO order_history (shard, order_id, sequence, action, state, payment_state, actor, reason)
    SELECT $1, $2, m.version, $8, $6, $7, $9, $10 FROM moved m
  ), booked AS (
    INSERT INTO ledger (shard, order_id, sequence, action, debit_account, credit_account, currency, amount)
    SELECT $1, $2, m.version, b.action, b.debit_account, b.credit_account, m.currency, m.total
    FROM moved m, jsonb_to_recordset($15::jsonb) AS b(action text, debit_account text, credit_account text)
  )
  SELECT version, coalesce(order_number, 0) AS number, update_time FROM moved
)sql";

std::string BookingsToJson(PaymentState from, PaymentState to) {
  nlohmann::json array = nlohmann::json::array();
  for (const LedgerMove& move : MovesBetween(from, to)) {
    array.push_back({{"action", std::string(move.action)},
                     {"debit_account", std::string(move.debit_account)},
                     {"credit_account", std::string(move.credit_account)}});
  }
  return array.dump();
}

// The bug: whatever the saga's row says meanwhile, it is made to say what the move expects.
constexpr char kOverwrite[] = R"sql(
  UPDATE sagas SET phase = $3, epoch = $4, cancel_requested = false WHERE shard = $1 AND order_id = $2
)sql";

}  // namespace

absl::optional<Moved> Apply(pqxx::work& tx, const Move& move, absl::Duration lease) {
  if (SeededBug("confirm_without_compare_and_set") && move.phase == SagaPhase::kCapturing) {
    tx.exec_params(kOverwrite, move.id.shard(), move.id.ToString(), std::string(ToString(move.from_phase)),
                   move.epoch);
  }
  const pqxx::result moved =
      tx.exec_params(kMove, move.id.shard(), move.id.ToString(), move.epoch,
                     std::string(ToString(move.from_phase)), std::string(ToString(move.phase)),
                     std::string(ToString(move.state)), std::string(ToString(move.payment)), move.action,
                     move.actor, move.reason, std::string(ToString(move.refusal.reason)), move.refusal.sku,
                     move.refusal.available, move.refusal.decline_code,
                     BookingsToJson(move.from_payment, move.payment), absl::ToInt64Seconds(lease));
  if (moved.empty()) return absl::nullopt;
  return Moved{.version = moved[0]["version"].as<int64_t>(),
               .number = moved[0]["number"].as<int64_t>(),
               .time = pg::FromTimestamp(moved[0]["update_time"])};
}

Order After(Order order, const Move& move, const Moved& moved) {
  order.state = move.state;
  order.payment.state = move.payment;
  order.version = moved.version;
  order.number = moved.number;
  order.update_time = moved.time;
  if (order.refusal.reason == CancelReason::kNone) order.refusal = move.refusal;
  return order;
}

}  // namespace arasta::order
