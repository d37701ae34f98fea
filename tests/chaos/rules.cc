// The letters are those of specs/reliability.md: Money, Stock, Orders, Events, Notifications.
#include "tests/chaos/invariants.h"

namespace arasta::chaos {
namespace {

// Asked of every producer.
constexpr char kDense[] = R"sql(
  SELECT 'partition ' || p.partition || ' head ' || p.head || ', of which there are ' || o.count
  FROM outbox_partitions p JOIN (
    SELECT partition, count(*) AS count, min(sequence) AS first, max(sequence) AS last
    FROM outbox WHERE sequence IS NOT NULL GROUP BY partition) o USING (partition)
  WHERE o.last <> p.head OR o.last - o.first + 1 <> o.count)sql";

constexpr char kInOrder[] = R"sql(
  SELECT aggregate || ' version ' || aggregate_version
  FROM (SELECT aggregate, aggregate_version, lag(aggregate_version) OVER (
          PARTITION BY aggregate ORDER BY sequence) AS previous
        FROM outbox WHERE sequence IS NOT NULL) o
  WHERE aggregate_version < previous)sql";

constexpr char kRelayed[] =
    "SELECT event_id || ' of ' || aggregate FROM outbox o WHERE sequence IS NULL "
    "OR sequence > (SELECT published FROM outbox_partitions p WHERE p.partition = o.partition)";

constexpr char kOutbox[] = "SELECT event_id FROM outbox";
constexpr char kInbox[] = "SELECT event_id FROM inbox";

}  // namespace

const std::vector<Rule>& Rules() {
  static const std::vector<Rule> rules = {
      {"M1 the ledger tells what the payment says", When::kAlways, "order", R"sql(
         SELECT p.order_id || ' ' || p.state || ' captured ' || p.captured || ' refunded ' || p.refunded
         FROM payments p LEFT JOIN (
           SELECT shard, order_id,
                  sum(amount) FILTER (WHERE action = 'CAPTURE') AS captured,
                  sum(amount) FILTER (WHERE action = 'REFUND') AS refunded
           FROM ledger GROUP BY shard, order_id) l USING (shard, order_id)
         WHERE p.captured <> coalesce(l.captured, 0) OR p.refunded <> coalesce(l.refunded, 0))sql"},
      {"M3 the total is its lines", When::kAlways, "order", R"sql(
         SELECT o.order_id FROM orders o JOIN order_lines l USING (shard, order_id)
         GROUP BY o.shard, o.order_id, o.subtotal HAVING sum(l.total) <> o.subtotal)sql"},
      {"M4 what is placed is captured, what is cancelled is given back", When::kSettled, "order", R"sql(
         SELECT o.order_id || ' ' || o.state || ' total ' || o.total || ' captured ' || p.captured ||
                ' refunded ' || p.refunded
         FROM orders o JOIN payments p USING (shard, order_id)
         WHERE (o.state IN ('PLACED', 'COMPLETED') AND (p.captured <> o.total OR p.refunded <> 0))
            OR (o.state IN ('CANCELLED', 'EXPIRED') AND p.captured <> p.refunded))sql"},
      {"M5 the provider's book equals ours", When::kSettled, "order", R"sql(
         SELECT coalesce(p.order_id::text, s.payment)
         FROM payments p FULL JOIN sandbox_payments s ON s.payment = p.order_id::text
         WHERE coalesce(p.captured, 0) <> coalesce(s.captured, 0)
            OR coalesce(p.refunded, 0) <> coalesce(s.refunded, 0)
            OR (coalesce(p.captured, 0) = 0 AND coalesce(s.authorized, 0) > 0 AND NOT s.voided))sql"},
      {"S1 S3 reserved is the sum of active reservations", When::kAlways, "catalog", R"sql(
         SELECT s.sku || ' on hand ' || s.on_hand || ' reserved ' || s.reserved
         FROM stock s LEFT JOIN (
           SELECT sku, sum(quantity) AS quantity FROM reservation_line WHERE counted GROUP BY sku) l USING (sku)
         WHERE s.reserved <> coalesce(l.quantity, 0) OR s.reserved < 0 OR s.reserved > s.on_hand)sql"},
      {"S2 on hand is what moved", When::kAlways, "catalog", R"sql(
         SELECT s.sku || ' on hand ' || s.on_hand FROM stock s
         LEFT JOIN (SELECT sku, sum(delta) AS delta FROM stock_movement GROUP BY sku) m USING (sku)
         WHERE s.on_hand <> coalesce(m.delta, 0))sql"},
      {"S2 what left the shelf is what reservations committed", When::kAlways, "catalog", R"sql(
         SELECT coalesce(m.sku, r.sku)
         FROM (SELECT sku, -sum(delta) AS sold FROM stock_movement
               WHERE kind IN ('sale', 'return') GROUP BY sku) m
         FULL JOIN (SELECT l.sku, sum(l.quantity) AS sold
                    FROM reservation_line l JOIN reservation r USING (order_id, generation)
                    WHERE r.state = 'committed' GROUP BY l.sku) r USING (sku)
         WHERE coalesce(m.sold, 0) <> coalesce(r.sold, 0))sql"},
      {"S5 nothing is held once all orders are decided", When::kSettled, "catalog", R"sql(
         SELECT l.order_id || ' ' || l.sku FROM reservation_line l
         WHERE l.counted AND l.expire_time > now())sql"},
      {"O2 no cart is bought by two orders at a time", When::kAlways, "order", R"sql(
         SELECT a.order_id || ' and ' || b.order_id || ' of ' || a.cart_owner
         FROM orders a JOIN orders b USING (shard, cart_owner)
         WHERE a.order_id < b.order_id AND a.create_time <= b.place_time AND b.create_time <= a.place_time)sql"},
      {"O3 the history has no gaps and ends in the order's state", When::kAlways, "order", R"sql(
         SELECT o.order_id || ' ' || o.state || ' version ' || o.version
         FROM orders o LEFT JOIN (
           SELECT shard, order_id, count(*) AS count, max(sequence) AS last,
                  (array_agg(state ORDER BY sequence DESC))[1] AS state
           FROM order_history GROUP BY shard, order_id) h USING (shard, order_id)
         WHERE h.count IS DISTINCT FROM o.version OR h.last IS DISTINCT FROM o.version
            OR h.state IS DISTINCT FROM o.state)sql"},
      {"O3 no order leaves a final state", When::kAlways, "order", R"sql(
         SELECT order_id || ' ' || previous || ' to ' || state FROM (
           SELECT order_id, state, lag(state) OVER (PARTITION BY shard, order_id ORDER BY sequence) AS previous
           FROM order_history) h
         WHERE (previous IN ('CANCELLED', 'EXPIRED', 'COMPLETED') AND state <> previous)
            OR (previous = 'PLACED' AND state NOT IN ('PLACED', 'COMPLETED', 'CANCELLED')))sql"},
      {"O4 every order is decided", When::kSettled, "order", R"sql(
         SELECT o.order_id || ' ' || o.state || ' ' || s.phase || ' ' || s.last_step || ' ' || s.last_error
         FROM orders o JOIN sagas s USING (shard, order_id)
         WHERE o.state = 'PENDING' OR s.phase <> 'SETTLED')sql"},
      {"E sequences are dense (auth)", When::kAlways, "auth", kDense},
      {"E sequences are dense (catalog)", When::kAlways, "catalog", kDense},
      {"E sequences are dense (order)", When::kAlways, "order", kDense},
      {"E3 sequences follow the aggregate's versions (auth)", When::kAlways, "auth", kInOrder},
      {"E3 sequences follow the aggregate's versions (catalog)", When::kAlways, "catalog", kInOrder},
      {"E3 sequences follow the aggregate's versions (order)", When::kAlways, "order", kInOrder},
      {"E1 every event has left (auth)", When::kSettled, "auth", kRelayed},
      {"E1 every event has left (catalog)", When::kSettled, "catalog", kRelayed},
      {"E1 every event has left (order)", When::kSettled, "order", kRelayed},
      {"E1 no event is dead", When::kSettled, "notification",
       "SELECT event_id || ' ' || type || ' ' || last_error FROM dead_letters"},
      {"N1 every mail is decided", When::kSettled, "notification",
       "SELECT id || ' ' || state || ' ' || reason FROM delivery WHERE state IN ('accepted', 'queued', "
       "'sending')"},
      {"N1 one accepted send a delivery", When::kAlways, "notification",
       "SELECT delivery_id FROM delivery_attempt WHERE outcome = 'sent' GROUP BY delivery_id HAVING count(*) "
       "> 1"},
  };
  return rules;
}

const std::vector<Comparison>& Comparisons() {
  static const std::vector<Comparison> comparisons = {
      {"E2 no effect without an event",
       When::kAlways,
       "notification",
       kInbox,
       {"auth", "order"},
       kOutbox,
       false},
      {"E1 every event of auth has taken effect",
       When::kSettled,
       "auth",
       kOutbox,
       {"notification"},
       kInbox,
       false},
      {"E1 every event of order has taken effect",
       When::kSettled,
       "order",
       kOutbox,
       {"notification"},
       kInbox,
       false},
      {"S4 what is sold is what is committed",
       When::kSettled,
       "order",
       "SELECT l.order_id || ' ' || l.sku || ' ' || sum(l.quantity) FROM orders o JOIN order_lines l "
       "USING (shard, order_id) WHERE o.state IN ('PLACED', 'COMPLETED') GROUP BY l.order_id, l.sku",
       {"catalog"},
       "SELECT l.order_id || ' ' || l.sku || ' ' || l.quantity FROM reservation r JOIN reservation_line l "
       "USING (order_id, generation) WHERE r.state = 'committed'",
       true},
      {"N2 no confirmation of what was never placed",
       When::kAlways,
       "notification",
       "SELECT subject FROM notification WHERE template = 'order_placed'",
       {"order"},
       "SELECT 'orders/' || order_id FROM order_history WHERE state = 'PLACED'",
       false},
      {"N1 a confirmation for each order that was placed",
       When::kSettled,
       "order",
       "SELECT 'orders/' || order_id FROM order_history WHERE state = 'PLACED'",
       {"notification"},
       "SELECT subject FROM notification WHERE template = 'order_placed'",
       false},
  };
  return comparisons;
}

}  // namespace arasta::chaos
