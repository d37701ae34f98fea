#include "services/catalog/reservation_rows.h"

#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/pg/time.h"
#include "services/catalog/stock_rows.h"

namespace arasta::catalog {
namespace {

// A row a line, or one where there is none. Lines come with their reservation and stay as they are, so that
// they may be read by the statement that waits for its lock.
constexpr char kLoad[] = R"sql(
  SELECT CASE WHEN r.state = 'held' AND r.expire_time <= clock_timestamp() THEN 'expired' ELSE r.state END AS state,
         r.expire_time, r.create_time, r.update_time, l.sku, l.quantity
  FROM reservation r
  LEFT JOIN reservation_line l ON l.order_id = r.order_id AND l.generation = r.generation
  WHERE r.order_id = $1::uuid AND r.generation = $2 ORDER BY l.sku COLLATE "C"
)sql";

ReservationState StateOf(const std::string& text) {
  if (text == "held") return ReservationState::kHeld;
  if (text == "committed") return ReservationState::kCommitted;
  return text == "expired" ? ReservationState::kExpired : ReservationState::kReleased;
}

Reservation ReservationOf(const ReservationKey& key, const pqxx::row& row) {
  Reservation reservation;
  reservation.key = key;
  reservation.state = StateOf(row["state"].c_str());
  reservation.expire_time = pg::FromTimestamp(row["expire_time"]);
  reservation.create_time = pg::FromTimestamp(row["create_time"]);
  reservation.update_time = pg::FromTimestamp(row["update_time"]);
  return reservation;
}

absl::optional<Reservation> Load(pqxx::work& tx, const char* statement, const ReservationKey& key) {
  pqxx::result rows = tx.exec_prepared(statement, key.order.ToString(), key.generation);
  if (rows.empty()) return absl::nullopt;
  Reservation reservation = ReservationOf(key, rows[0]);
  for (const auto& row : rows) {
    if (row["sku"].is_null()) continue;
    reservation.lines.push_back({row["sku"].c_str(), row["quantity"].as<int64_t>()});
  }
  return reservation;
}

}  // namespace

absl::optional<Reservation> LoadReservation(pqxx::work& tx, const ReservationKey& key) {
  tx.conn().prepare("load_reservation", kLoad);
  return Load(tx, "load_reservation", key);
}

absl::optional<Reservation> LockReservation(pqxx::work& tx, const ReservationKey& key) {
  tx.conn().prepare("lock_reservation", absl::StrCat(kLoad, " FOR UPDATE OF r"));
  return Load(tx, "lock_reservation", key);
}

// Ordered by key, as two batches may hold the same keys.
constexpr char kClaim[] = R"sql(
  INSERT INTO reservation (order_id, generation, state, customer, expire_time)
  SELECT r.order_id, r.generation, 'held', r.customer, clock_timestamp() + r.hold_us * interval '1 microsecond'
  FROM jsonb_to_recordset($1::jsonb) AS r (order_id uuid, generation bigint, customer text, hold_us bigint)
  ORDER BY r.order_id, r.generation
  ON CONFLICT DO NOTHING
  RETURNING order_id, generation, state, expire_time, create_time, update_time
)sql";

std::map<ReservationKey, Reservation> ClaimReservations(pqxx::work& tx,
                                                        absl::Span<const ReserveRequest* const> requests) {
  nlohmann::json rows = nlohmann::json::array();
  for (const ReserveRequest* request : requests) {
    rows.push_back({{"order_id", request->key.order.ToString()},
                    {"generation", request->key.generation},
                    {"customer", request->customer},
                    {"hold_us", absl::ToInt64Microseconds(request->hold)}});
  }
  tx.conn().prepare("claim_reservations", kClaim);
  std::map<ReservationKey, Reservation> claimed;
  for (const auto& row : tx.exec_prepared("claim_reservations", rows.dump())) {
    const ReservationKey key{*Uuid::Parse(row["order_id"].c_str()), row["generation"].as<int64_t>()};
    claimed[key] = ReservationOf(key, row);
  }
  return claimed;
}

constexpr char kUnclaim[] = R"sql(
  DELETE FROM reservation r
  USING jsonb_to_recordset($1::jsonb) AS k (order_id uuid, generation bigint)
  WHERE r.order_id = k.order_id AND r.generation = k.generation
)sql";

void UnclaimReservations(pqxx::work& tx, const std::vector<ReservationKey>& keys) {
  if (keys.empty()) return;
  nlohmann::json rows = nlohmann::json::array();
  for (const ReservationKey& key : keys) {
    rows.push_back({{"order_id", key.order.ToString()}, {"generation", key.generation}});
  }
  tx.conn().prepare("unclaim_reservations", kUnclaim);
  tx.exec_prepared("unclaim_reservations", rows.dump());
}

constexpr char kHold[] = R"sql(
  WITH held AS (
    INSERT INTO reservation_line (order_id, generation, sku, quantity, counted, expire_time)
    SELECT l.order_id, l.generation, l.sku, l.quantity, true, r.expire_time
    FROM jsonb_to_recordset($1::jsonb) AS l (order_id uuid, generation bigint, sku text, quantity bigint)
    JOIN reservation r ON r.order_id = l.order_id AND r.generation = l.generation
    RETURNING sku, quantity
  ), sums AS (
    SELECT sku, sum(quantity)::bigint AS quantity FROM held GROUP BY sku
  )
  UPDATE stock SET reserved = stock.reserved + sums.quantity, update_time = now()
  FROM sums WHERE stock.sku = sums.sku
)sql";

void HoldLines(pqxx::work& tx, absl::Span<const ReserveRequest* const> requests) {
  nlohmann::json rows = nlohmann::json::array();
  for (const ReserveRequest* request : requests) {
    for (const ReservationLine& line : request->lines) {
      rows.push_back({{"order_id", request->key.order.ToString()},
                      {"generation", request->key.generation},
                      {"sku", line.sku},
                      {"quantity", line.quantity}});
    }
  }
  tx.conn().prepare("hold_lines", kHold);
  tx.exec_prepared("hold_lines", rows.dump());
}

constexpr char kHoldAgain[] = R"sql(
  WITH renewed AS (
    UPDATE reservation SET expire_time = clock_timestamp() + $3 * interval '1 microsecond', update_time = now()
    WHERE order_id = $1::uuid AND generation = $2
    RETURNING expire_time
  ), held AS (
    UPDATE reservation_line SET counted = true, expire_time = renewed.expire_time
    FROM renewed WHERE order_id = $1::uuid AND generation = $2
    RETURNING sku, quantity
  )
  UPDATE stock SET reserved = stock.reserved + held.quantity, update_time = now()
  FROM held WHERE stock.sku = held.sku
)sql";

void HoldAgain(pqxx::work& tx, const ReservationKey& key, absl::Duration hold) {
  tx.exec_params(kHoldAgain, key.order.ToString(), key.generation, absl::ToInt64Microseconds(hold));
}

constexpr char kUncounted[] = R"sql(
  SELECT sku, quantity FROM reservation_line WHERE order_id = $1::uuid AND generation = $2 AND NOT counted
)sql";

std::vector<ReservationLine> UncountedLines(pqxx::work& tx, const ReservationKey& key) {
  tx.conn().prepare("uncounted_lines", kUncounted);
  std::vector<ReservationLine> lines;
  for (const auto& row : tx.exec_prepared("uncounted_lines", key.order.ToString(), key.generation)) {
    lines.push_back({row["sku"].c_str(), row["quantity"].as<int64_t>()});
  }
  return lines;
}

namespace {

// Runs a statement that closes the reservation and returns it as it is then; its lines stay.
Reservation Close(pqxx::work& tx, const char* statement, Reservation reservation) {
  const ReservationKey key = reservation.key;
  pqxx::result rows = tx.exec_prepared(statement, key.order.ToString(), absl::StrCat(key.generation));
  Reservation closed = ReservationOf(key, rows.at(0));
  closed.lines = std::move(reservation.lines);
  return closed;
}

}  // namespace

// A table is changed by one statement at most once a row, so the lines' old `counted` is read first.
constexpr char kSell[] = R"sql(
  WITH line AS (
    SELECT sku, quantity, CASE WHEN counted THEN quantity ELSE 0 END AS counted_quantity
    FROM reservation_line WHERE order_id = $1::uuid AND generation = $2
  ), uncounted AS (
    UPDATE reservation_line SET counted = false WHERE order_id = $1::uuid AND generation = $2
  ), closed AS (
    UPDATE reservation SET state = 'committed', update_time = now()
    WHERE order_id = $1::uuid AND generation = $2
    RETURNING state, expire_time, create_time, update_time
  ), moved AS (
    INSERT INTO stock_movement (sku, delta, kind, reference)
    SELECT sku, -quantity, 'sale', concat($1, ':', $2) FROM line
  ), taken AS (
    UPDATE stock SET on_hand = on_hand - line.quantity, reserved = reserved - line.counted_quantity,
                     update_time = now()
    FROM line WHERE stock.sku = line.sku
  )
  SELECT state, expire_time, create_time, update_time FROM closed
)sql";

Reservation SellLines(pqxx::work& tx, Reservation reservation) {
  tx.conn().prepare("sell_lines", kSell);
  return Close(tx, "sell_lines", std::move(reservation));
}

constexpr char kGiveBack[] = R"sql(
  WITH line AS (
    SELECT l.sku, CASE WHEN l.counted THEN l.quantity ELSE 0 END AS held,
           CASE WHEN r.state = 'committed' THEN l.quantity ELSE 0 END AS sold
    FROM reservation_line l JOIN reservation r USING (order_id, generation)
    WHERE order_id = $1::uuid AND generation = $2
  ), uncounted AS (
    UPDATE reservation_line SET counted = false WHERE order_id = $1::uuid AND generation = $2
  ), closed AS (
    UPDATE reservation SET state = 'released', update_time = now()
    WHERE order_id = $1::uuid AND generation = $2
    RETURNING state, expire_time, create_time, update_time
  ), moved AS (
    INSERT INTO stock_movement (sku, delta, kind, reference)
    SELECT sku, sold, 'return', concat($1, ':', $2) FROM line WHERE sold > 0
  ), given AS (
    UPDATE stock SET on_hand = on_hand + line.sold, reserved = reserved - line.held, update_time = now()
    FROM line WHERE stock.sku = line.sku
  )
  SELECT state, expire_time, create_time, update_time FROM closed
)sql";

Reservation GiveBack(pqxx::work& tx, Reservation reservation) {
  tx.conn().prepare("give_back", kGiveBack);
  return Close(tx, "give_back", std::move(reservation));
}

constexpr char kForbid[] = R"sql(
  INSERT INTO reservation (order_id, generation, state, expire_time)
  VALUES ($1::uuid, $2, 'released', now()) ON CONFLICT DO NOTHING RETURNING 1
)sql";

bool ForbidReservation(pqxx::work& tx, const ReservationKey& key) {
  return !tx.exec_params(kForbid, key.order.ToString(), key.generation).empty();
}

}  // namespace arasta::catalog
