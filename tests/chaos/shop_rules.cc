// Money, Stock and Orders, each a question to one database. The letters are those of specs/reliability.md.
#include "tests/chaos/invariants.h"

namespace arasta::chaos {
namespace {

// That every booking balances, and so all accounts sum to zero, is the ledger's shape: a row names both
// sides.
const std::vector<Rule> kMoney = {
    {"M1 the ledger tells what the payment says", When::kAlways, "order", R"sql(
       SELECT p.order_id || ' ' || p.state || ' captured ' || p.captured || ' refunded ' || p.refunded,
              p.captured = coalesce(l.captured, 0) AND p.refunded = coalesce(l.refunded, 0)
       FROM payments p LEFT JOIN (
         SELECT shard, order_id,
                sum(amount) FILTER (WHERE action = 'CAPTURE') AS captured,
                sum(amount) FILTER (WHERE action = 'REFUND') AS refunded
         FROM ledger GROUP BY shard, order_id) l USING (shard, order_id))sql"},
    {"M2 captured within authorised, refunded within captured", When::kAlways, "order", R"sql(
       SELECT p.order_id || ' authorised ' || p.authorized || ' captured ' || p.captured || ' refunded ' || p.refunded,
              p.captured BETWEEN 0 AND p.authorized AND p.refunded BETWEEN 0 AND p.captured
                AND p.authorized IN (0, o.total)
       FROM payments p JOIN orders o USING (shard, order_id))sql"},
    {"M2 no account of an order is out of its bound", When::kAlways, "order", R"sql(
       SELECT order_id || ' ' || account || ' ' || sum(amount), sum(amount) BETWEEN 0 AND max(abs(amount))
       FROM (SELECT order_id, debit_account AS account, amount FROM ledger
             WHERE debit_account IN ('held_at_provider', 'due_from_provider')
             UNION ALL SELECT order_id, credit_account, -amount FROM ledger
             WHERE credit_account IN ('held_at_provider', 'due_from_provider')) booking
       GROUP BY order_id, account)sql"},
    {"M2 no money is on hold once all is settled", When::kSettled, "order", R"sql(
       SELECT order_id || ' holds ' || sum(CASE action WHEN 'AUTHORIZE' THEN amount ELSE -amount END),
              sum(CASE action WHEN 'AUTHORIZE' THEN amount ELSE -amount END) = 0
       FROM ledger WHERE action IN ('AUTHORIZE', 'END_HOLD') GROUP BY order_id)sql"},
    {"M3 the total is its lines, shipping, tax and discount", When::kAlways, "order", R"sql(
       SELECT o.order_id || ' ' || o.total,
              coalesce(sum(l.total), 0) = o.subtotal AND o.total = o.subtotal + o.shipping + o.tax - o.discount
                AND bool_and(l.total = l.quantity * l.unit_price)
       FROM orders o LEFT JOIN order_lines l USING (shard, order_id) GROUP BY o.shard, o.order_id)sql"},
    {"M4 what is placed is captured, what is cancelled is given back", When::kSettled, "order", R"sql(
       SELECT o.order_id || ' ' || o.state || ' total ' || o.total || ' captured ' || p.captured ||
                ' refunded ' || p.refunded,
              CASE WHEN o.state IN ('PLACED', 'COMPLETED') THEN p.captured = o.total AND p.refunded = 0
                   ELSE p.captured = p.refunded END
       FROM orders o JOIN payments p USING (shard, order_id))sql"},
    {"M5 the provider's book equals ours", When::kSettled, "order", R"sql(
       SELECT coalesce(p.order_id::text, s.payment),
              coalesce(p.captured, 0) = coalesce(s.captured, 0) AND coalesce(p.refunded, 0) = coalesce(s.refunded, 0)
                AND (coalesce(p.captured, 0) > 0 OR coalesce(s.authorized, 0) = 0 OR s.voided)
       FROM payments p FULL JOIN sandbox_payments s ON s.payment = p.order_id::text)sql"},
    {"M5 the provider is asked for a step under one key", When::kAlways, "order", R"sql(
       SELECT payment || ' ' || action || ' under ' || count(*) || ' keys', count(*) = 1
       FROM sandbox_operations GROUP BY payment, action)sql"},
};

const std::vector<Rule> kStock = {
    {"S1 reserved is within on hand", When::kAlways, "catalog", R"sql(
       SELECT sku || ' on hand ' || on_hand || ' reserved ' || reserved, 0 <= reserved AND reserved <= on_hand
       FROM stock)sql"},
    {"S2 on hand is what moved", When::kAlways, "catalog", R"sql(
       SELECT s.sku || ' on hand ' || s.on_hand, s.on_hand = coalesce(m.delta, 0)
       FROM stock s LEFT JOIN (SELECT sku, sum(delta) AS delta FROM stock_movement GROUP BY sku) m USING (sku))sql"},
    {"S2 what left the shelf is what reservations committed", When::kAlways, "catalog", R"sql(
       SELECT coalesce(m.sku, r.sku), coalesce(m.sold, 0) = coalesce(r.sold, 0)
       FROM (SELECT sku, -sum(delta) AS sold FROM stock_movement
             WHERE kind IN ('sale', 'return') GROUP BY sku) m
       FULL JOIN (SELECT l.sku, sum(l.quantity) AS sold
                  FROM reservation_line l JOIN reservation r USING (order_id, generation)
                  WHERE r.state = 'committed' GROUP BY l.sku) r USING (sku))sql"},
    {"S3 reserved is the sum of active reservations", When::kAlways, "catalog", R"sql(
       SELECT s.sku || ' reserved ' || s.reserved, s.reserved = coalesce(l.quantity, 0)
       FROM stock s LEFT JOIN (
         SELECT sku, sum(quantity) AS quantity FROM reservation_line WHERE counted GROUP BY sku) l USING (sku))sql"},
    {"S4 an order leaves the shelf once", When::kAlways, "catalog", R"sql(
       SELECT sku || ' of ' || reference || ': ' || sum(delta), sum(delta) BETWEEN min(delta) AND 0
       FROM stock_movement WHERE kind IN ('sale', 'return') GROUP BY sku, reference)sql"},
    {"S5 nothing is held once all orders are decided", When::kSettled, "catalog", R"sql(
       SELECT order_id || ' ' || sku, NOT (counted AND expire_time > now()) FROM reservation_line)sql"},
};

const std::vector<Rule> kOrders = {
    {"O2 no two orders have a number", When::kAlways, "order", R"sql(
       SELECT order_number || ' is that of ' || count(*), count(*) = 1
       FROM orders WHERE order_number IS NOT NULL GROUP BY order_number)sql"},
    {"O3 the history has no gaps and ends in the order's state", When::kAlways, "order", R"sql(
       SELECT o.order_id || ' ' || o.state || ' version ' || o.version,
              h.count = o.version AND h.last = o.version AND h.state = o.state
       FROM orders o LEFT JOIN (
         SELECT shard, order_id, count(*) AS count, max(sequence) AS last,
                (array_agg(state ORDER BY sequence DESC))[1] AS state
         FROM order_history GROUP BY shard, order_id) h USING (shard, order_id))sql"},
    {"O3 every move is a legal one", When::kAlways, "order", R"sql(
       SELECT order_id || ' ' || previous || ' to ' || state,
              state = previous OR (previous, state) IN (
                ('PENDING', 'PLACED'), ('PENDING', 'CANCELLED'), ('PENDING', 'EXPIRED'),
                ('PLACED', 'CANCELLED'), ('PLACED', 'COMPLETED'))
       FROM (SELECT order_id, state, lag(state) OVER (PARTITION BY shard, order_id ORDER BY sequence) AS previous
             FROM order_history) move
       WHERE previous IS NOT NULL)sql"},
    {"O3 every move of the money is a legal one", When::kAlways, "order", R"sql(
       SELECT order_id || ' ' || previous || ' to ' || state,
              state = previous OR (previous, state) IN (
                ('PENDING', 'AUTHORIZED'), ('PENDING', 'VOIDED'), ('PENDING', 'DECLINED'), ('PENDING', 'CANCELLED'),
                ('AUTHORIZED', 'CAPTURED'), ('AUTHORIZED', 'VOIDED'), ('AUTHORIZED', 'REFUNDED'),
                ('CAPTURED', 'REFUNDED'))
       FROM (SELECT order_id, payment_state AS state,
                    lag(payment_state) OVER (PARTITION BY shard, order_id ORDER BY sequence) AS previous
             FROM order_history) move
       WHERE previous IS NOT NULL)sql"},
    {"O4 every order is decided", When::kSettled, "order", R"sql(
       SELECT concat_ws(' ', o.order_id, o.state, s.phase, s.last_step, s.last_error),
              o.state <> 'PENDING' AND s.phase = 'SETTLED'
       FROM orders o LEFT JOIN sagas s USING (shard, order_id))sql"},
};

}  // namespace

std::vector<Rule> ShopRules() {
  std::vector<Rule> rules;
  for (const auto* each : {&kMoney, &kStock, &kOrders}) rules.insert(rules.end(), each->begin(), each->end());
  return rules;
}

}  // namespace arasta::chaos
