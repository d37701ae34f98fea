#include "services/order/order_store.h"

#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "common/base/crash_point.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"
#include "services/order/order_rows.h"
#include "services/order/saga_store.h"

namespace arasta::order {
namespace {

absl::optional<Order> ReadOrder(pqxx::work& tx, const OrderId& id) {
  static const std::string sql =
      absl::StrCat(kSelectOrders, "WHERE o.shard = $1 AND o.order_id = $2 ORDER BY l.line_number");
  std::vector<Order> orders = OrdersFrom(tx.exec_params(sql, id.shard(), id.ToString()));
  if (orders.empty()) return absl::nullopt;
  return std::move(orders.front());
}

// The order's row is the claim: all the rest hangs on its insertion, which waits for a claim or a decision
// about the same cart that is being committed. Then the cart is locked, if it is still as it was read: in
// that order, as CONFIRM does.
constexpr char kClaim[] = R"sql(
  WITH claim AS (
    INSERT INTO orders (shard, order_id, customer, cart_owner, request_fingerprint, state, channel, locale,
                        currency, subtotal, shipping, tax, discount, total, shipping_address, email)
    VALUES ($1, $2, $3, $4, $5, 'PENDING', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT DO NOTHING
    RETURNING shard, order_id, customer, cart_owner
  ), cart AS (
    SELECT FROM claim JOIN carts ON carts.owner = claim.cart_owner WHERE carts.version = $19
    FOR NO KEY UPDATE OF carts
  ), lines AS (
    INSERT INTO order_lines (shard, order_id, line_number, sku, product, title, quantity, unit_price, total)
    SELECT c.shard, c.order_id, l.line_number, l.sku, l.product, l.title, l.quantity, l.unit_price, l.total
    FROM claim c, jsonb_to_recordset($16::jsonb) AS
      l(line_number integer, sku text, product text, title text, quantity integer, unit_price bigint, total bigint)
  ), payment AS (
    INSERT INTO payments (shard, order_id, state, token)
    SELECT shard, order_id, 'PENDING', $17 FROM claim
  ), saga AS (
    INSERT INTO sagas (shard, order_id, phase, due_time)
    SELECT shard, order_id, 'DECIDING', now() + $18 * interval '1 second' FROM claim
  ), history AS (
    INSERT INTO order_history (shard, order_id, sequence, action, state, payment_state, actor, reason)
    SELECT shard, order_id, 1, 'CLAIMED', 'PENDING', 'PENDING', customer, '' FROM claim
  )
  SELECT EXISTS (SELECT FROM claim) AS claimed, EXISTS (SELECT FROM cart) AS cart_as_read
)sql";

constexpr char kNewestOrder[] = R"sql(
  SELECT order_id FROM orders WHERE shard = $1 AND customer = $2
  ORDER BY create_time DESC, order_id DESC LIMIT 1
)sql";

// What kept `order` from being claimed was the undecided order of the same cart: the customer's newest.
// It may be decided meanwhile, and is worth a look even so.
absl::Status InProgress(pqxx::work& tx, const Order& order) {
  const pqxx::row newest = tx.exec_params1(kNewestOrder, order.id.shard(), order.customer);
  return Error(absl::StatusCode::kAborted, "ORDER_IN_PROGRESS", "another order is buying this cart",
               {{"order", OrderIdFrom(newest[0]).ToName()}});
}

// A limit per customer first, so that each reads no more of its shard's index than the page needs. OFFSET 0
// keeps the planner from joining the page with all lines of all orders: it takes the page's orders one by
// one.
constexpr char kListPage[] = R"sql(
  SELECT one.* FROM (
    SELECT page.shard, page.order_id
    FROM jsonb_to_recordset($1::jsonb) AS c(shard smallint, customer text)
    CROSS JOIN LATERAL (
      SELECT shard, order_id, create_time FROM orders
      WHERE shard = c.shard AND customer = c.customer
        AND ($2::timestamptz IS NULL OR (create_time, order_id) < ($2, $3::uuid))
      ORDER BY create_time DESC, order_id DESC LIMIT $4
    ) page
    ORDER BY page.create_time DESC, page.order_id DESC LIMIT $4
  ) found
  CROSS JOIN LATERAL (
)sql";

constexpr char kListOrders[] = R"sql(
    WHERE o.shard = found.shard AND o.order_id = found.order_id OFFSET 0
  ) one
  ORDER BY one.create_time DESC, one.order_id DESC, one.line_number
)sql";

std::string CustomersToJson(const std::vector<std::string>& customers) {
  nlohmann::json array = nlohmann::json::array();
  for (const std::string& customer : customers) {
    array.push_back({{"shard", ShardOfCustomer(customer)}, {"customer", customer}});
  }
  return array.dump();
}

constexpr char kHistory[] = R"sql(
  SELECT sequence, action, state, payment_state, actor, reason, create_time
  FROM order_history
  WHERE shard = $1 AND order_id = $2 AND sequence > $3
  ORDER BY sequence LIMIT $4
)sql";

HistoryEntry EntryFrom(const pqxx::row& row) {
  return {.sequence = row["sequence"].as<int64_t>(),
          .action = row["action"].as<std::string>(),
          .state = OrderStateFrom(row["state"].c_str()).value(),
          .payment = PaymentStateFrom(row["payment_state"].c_str()).value(),
          .actor = row["actor"].as<std::string>(),
          .reason = row["reason"].as<std::string>(),
          .create_time = pg::FromTimestamp(row["create_time"])};
}

constexpr char kHistoryAfter[] = R"sql(
  SELECT p.position, h.sequence, h.action, h.state, h.payment_state, h.actor, h.reason, h.create_time
  FROM jsonb_to_recordset($1::jsonb) AS p(position integer, shard smallint, order_id uuid, sequence bigint)
  CROSS JOIN LATERAL (
    SELECT * FROM order_history
    WHERE shard = p.shard AND order_id = p.order_id AND sequence > p.sequence
    ORDER BY sequence LIMIT 50
  ) h
  ORDER BY p.position, h.sequence
)sql";

std::string PositionsToJson(const std::vector<HistoryPosition>& positions) {
  nlohmann::json array = nlohmann::json::array();
  for (const HistoryPosition& position : positions) {
    array.push_back({{"position", array.size()},
                     {"shard", position.id.shard()},
                     {"order_id", position.id.ToString()},
                     {"sequence", position.after_sequence}});
  }
  return array.dump();
}

constexpr char kListStuck[] = R"sql(
  SELECT s.order_id, o.state, s.last_step, s.attempts, s.last_error, s.phase_time, s.due_time
  FROM sagas s JOIN orders o USING (shard, order_id)
  WHERE s.phase <> 'SETTLED' AND s.phase_time < now() - interval '60 seconds'
    AND ($1::timestamptz IS NULL OR (s.phase_time, s.order_id) > ($1, $2::uuid))
  ORDER BY s.phase_time, s.order_id LIMIT $3
)sql";

StuckOrder StuckFrom(const pqxx::row& row) {
  return {.id = OrderIdFrom(row["order_id"]),
          .state = OrderStateFrom(row["state"].c_str()).value(),
          .step = row["last_step"].as<std::string>(),
          .attempts = row["attempts"].as<int32_t>(),
          .last_error = row["last_error"].as<std::string>(),
          .phase_time = pg::FromTimestamp(row["phase_time"]),
          .due_time = pg::FromTimestamp(row["due_time"])};
}

// NULL for the end of time in either direction.
std::optional<std::string> Timestamp(absl::Time time) {
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return std::nullopt;
  return pg::ToTimestamp(time);
}

}  // namespace

absl::StatusOr<Prospect> OrderStore::FindProspect(const Call& call, const std::string& cart_owner,
                                                  const OrderId& id) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Prospect> {
    // The cart first: one that CONFIRM emptied has its order in the next statement's sight. The other way
    // round, a repeat could find neither.
    Prospect prospect;
    prospect.cart = ReadCart(tx, cart_owner);
    prospect.order = ReadOrder(tx, id);
    return prospect;
  });
}

absl::StatusOr<bool> OrderStore::Claim(const Call& call, const NewOrder& claim) {
  const Order& order = claim.order;
  const OrderTotals& totals = order.totals;
  auto insert = [&](pqxx::work& tx) -> absl::StatusOr<bool> {
    const pqxx::result claimed = tx.exec_params(
        kClaim, order.id.shard(), order.id.ToString(), order.customer, claim.cart_owner,
        pqxx::binarystring(order.request_fingerprint), order.channel, order.locale, totals.currency,
        totals.subtotal, totals.shipping, totals.tax, totals.discount, totals.total,
        pqxx::binarystring(order.shipping_address), order.email, LinesToJson(order.lines),
        claim.payment_token, absl::ToInt64Seconds(kLeaseDuration), claim.cart_version);
    if (!claimed[0]["claimed"].as<bool>()) {
      if (ReadOrder(tx, order.id)) return false;
      return InProgress(tx, order);
    }
    if (!claimed[0]["cart_as_read"].as<bool>()) {
      return Error(absl::StatusCode::kAborted, "CART_CHANGED", "the cart has changed meanwhile");
    }
    CrashPoint("order.before_claim_commit");
    return true;
  };
  // In doubt: that it is there says enough. False makes the caller join it rather than drive on a lease
  // which may be somebody else's.
  auto resolve = [&](pqxx::work& tx) -> absl::StatusOr<bool> {
    if (!ReadOrder(tx, order.id)) return NotFound(order.id.ToName());
    return false;
  };
  return pg::InTransaction(pool_, call, insert, resolve);
}

absl::StatusOr<Order> OrderStore::Find(const Call& call, const OrderId& id) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Order> {
    absl::optional<Order> order = ReadOrder(tx, id);
    if (!order) return NotFound(id.ToName());
    return *std::move(order);
  });
}

absl::StatusOr<std::vector<Order>> OrderStore::List(const Call& call,
                                                    const std::vector<std::string>& customers,
                                                    const OrderCursor& after, int limit) {
  static const std::string sql = absl::StrCat(kListPage, kSelectOrders, kListOrders);
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<Order>> {
    return OrdersFrom(tx.exec_params(sql, CustomersToJson(customers), Timestamp(after.create_time),
                                     after.id.ToString(), limit));
  });
}

absl::StatusOr<std::vector<HistoryEntry>> OrderStore::History(const Call& call, const OrderId& id,
                                                              int64_t after_sequence, int limit) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<HistoryEntry>> {
    std::vector<HistoryEntry> entries;
    for (const pqxx::row& row : tx.exec_params(kHistory, id.shard(), id.ToString(), after_sequence, limit)) {
      entries.push_back(EntryFrom(row));
    }
    return entries;
  });
}

absl::StatusOr<std::vector<std::vector<HistoryEntry>>> OrderStore::HistoryAfter(
    const Call& call, const std::vector<HistoryPosition>& positions) {
  using Result = absl::StatusOr<std::vector<std::vector<HistoryEntry>>>;
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> Result {
    std::vector<std::vector<HistoryEntry>> news(positions.size());
    for (const pqxx::row& row : tx.exec_params(kHistoryAfter, PositionsToJson(positions))) {
      news.at(row["position"].as<size_t>()).push_back(EntryFrom(row));
    }
    return news;
  });
}

absl::StatusOr<std::vector<StuckOrder>> OrderStore::ListStuck(const Call& call, const StuckCursor& after,
                                                              int limit) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<StuckOrder>> {
    std::vector<StuckOrder> stuck;
    for (const pqxx::row& row :
         tx.exec_params(kListStuck, Timestamp(after.phase_time), after.id.ToString(), limit)) {
      stuck.push_back(StuckFrom(row));
    }
    return stuck;
  });
}

}  // namespace arasta::order
