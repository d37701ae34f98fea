// What one service's database says against what another's does.
#include "tests/chaos/invariants.h"

namespace arasta::chaos {
namespace {

constexpr char kOutbox[] = "SELECT event_id FROM outbox";
constexpr char kInbox[] = "SELECT event_id FROM inbox";
constexpr char kPlacements[] = "SELECT 'orders/' || order_id FROM order_history WHERE state = 'PLACED'";
constexpr char kConfirmations[] = "SELECT subject FROM notification WHERE template = 'order_placed'";
// Where a consumer may stand: at the beginning, at an event, or at the head if that was pruned.
constexpr char kSequences[] =
    "SELECT partition || ' at ' || sequence FROM outbox WHERE sequence IS NOT NULL "
    "UNION SELECT partition || ' at ' || head FROM outbox_partitions "
    "UNION SELECT partition || ' at 0' FROM outbox_partitions";

}  // namespace

std::vector<Comparison> Comparisons() {
  return {
      {"E2 no effect without an event",
       When::kAlways,
       "notification",
       kInbox,
       {"auth", "order"},
       kOutbox,
       false},
      {"E2 no message without an event",
       When::kAlways,
       "notification",
       "SELECT idempotency_key FROM notification",
       {"auth", "order"},
       kOutbox,
       false},
      {"E2 no watermark ahead of its producer (auth)",
       When::kAlways,
       "notification",
       "SELECT partition || ' at ' || watermark FROM event_partitions WHERE producer = 'auth'",
       {"auth"},
       kSequences,
       false},
      {"E2 no watermark ahead of its producer (order)",
       When::kAlways,
       "notification",
       "SELECT partition || ' at ' || watermark FROM event_partitions WHERE producer = 'order'",
       {"order"},
       kSequences,
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
      {"E1 every placed order has its message",
       When::kSettled,
       "order",
       "SELECT event_id FROM outbox WHERE type LIKE '%.OrderPlaced'",
       {"notification"},
       "SELECT idempotency_key FROM notification",
       false},
      {"E1 every new account has its message",
       When::kSettled,
       "auth",
       "SELECT event_id FROM outbox WHERE type LIKE '%.UserRegistered'",
       {"notification"},
       "SELECT idempotency_key FROM notification",
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
      {"N1 a confirmation for each order that was placed",
       When::kSettled,
       "order",
       kPlacements,
       {"notification"},
       kConfirmations,
       false},
      {"N2 no confirmation of what was never placed",
       When::kAlways,
       "notification",
       kConfirmations,
       {"order"},
       kPlacements,
       false},
  };
}

}  // namespace arasta::chaos
