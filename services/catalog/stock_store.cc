#include "services/catalog/stock_store.h"

#include <map>
#include <pqxx/pqxx>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"
#include "services/catalog/names.h"
#include "services/catalog/stock_rows.h"

namespace arasta::catalog {
namespace {

constexpr char kList[] = R"sql(
  SELECT sku, on_hand, reserved, update_time FROM stock_level
  WHERE sku > $1 AND ($2::text[] = '{}' OR sku = ANY ($2::text[]))
  ORDER BY sku LIMIT $3
)sql";

}  // namespace

absl::StatusOr<std::vector<Stock>> StockStore::List(const Call& call, const std::vector<std::string>& skus,
                                                    const std::string& after, int limit) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<Stock>> {
    std::vector<Stock> stock;
    for (const auto& row : tx.exec_params(kList, after, TextArray(skus), limit)) {
      stock.push_back({row["sku"].c_str(), row["on_hand"].as<int64_t>(), row["reserved"].as<int64_t>(),
                       pg::FromTimestamp(row["update_time"])});
    }
    return stock;
  });
}

namespace {

absl::Status RequestIdReused() {
  return InvalidField("request_id", "was used for another request", "REQUEST_ID_REUSED");
}

// Movements from before there were fingerprints tell no more than their SKU.
constexpr char kFirst[] = R"sql(
  SELECT sku = $2 AND coalesce(fingerprint = $3, true) AS same FROM stock_movement
  WHERE kind = 'adjustment' AND reference = $1
)sql";

// Whether it was done before. INVALID_ARGUMENT with REQUEST_ID_REUSED: another one was.
absl::StatusOr<bool> IsDone(pqxx::work& tx, const Adjustment& adjustment) {
  const pqxx::result first = tx.exec_params(kFirst, adjustment.request_id.ToString(), adjustment.sku,
                                            pqxx::binarystring(adjustment.fingerprint));
  if (first.empty()) return false;
  if (!first[0]["same"].as<bool>()) return RequestIdReused();
  return true;
}

constexpr char kMove[] = R"sql(
  WITH moved AS (
    INSERT INTO stock_movement (sku, delta, kind, reference, note, fingerprint)
    VALUES ($1, $2, 'adjustment', $3, $4, $5)
    ON CONFLICT (reference) WHERE kind = 'adjustment' DO NOTHING
    RETURNING sku, delta
  )
  UPDATE stock SET on_hand = on_hand + moved.delta, update_time = now() FROM moved WHERE stock.sku = moved.sku
  RETURNING stock.sku, on_hand, reserved, update_time
)sql";

absl::StatusOr<Stock> Move(pqxx::work& tx, const Adjustment& adjustment, int64_t delta) {
  const pqxx::result moved = tx.exec_params(kMove, adjustment.sku, delta, adjustment.request_id.ToString(),
                                            adjustment.note, pqxx::binarystring(adjustment.fingerprint));
  // Only a request for another SKU, whose lock is not ours, can have taken the id since we looked.
  if (moved.empty()) return RequestIdReused();
  return Stock{moved[0]["sku"].c_str(), moved[0]["on_hand"].as<int64_t>(), moved[0]["reserved"].as<int64_t>(),
               pg::FromTimestamp(moved[0]["update_time"])};
}

}  // namespace

absl::StatusOr<Stock> StockStore::Adjust(const Call& call, const Adjustment& adjustment) {
  auto adjust = [&](pqxx::work& tx) -> absl::StatusOr<Stock> {
    std::map<std::string, Stock> locked = LockStock(tx, {adjustment.sku});
    if (locked.empty()) return NotFound(StockName(adjustment.sku));
    const Stock& stock = locked.begin()->second;
    // The lock on the SKU makes repeats take turns, so whoever comes second sees the first one's.
    ASSIGN_OR_RETURN(const bool done, IsDone(tx, adjustment));
    if (done) return stock;
    const int64_t delta =
        adjustment.delta.value_or(adjustment.on_hand.value_or(stock.on_hand) - stock.on_hand);
    if (stock.available() + delta < 0) return InsufficientStock(stock.sku, stock.available());
    if (delta > 0 && stock.on_hand > kMostOnHand - delta) return StockOverflow(stock.sku, stock.on_hand);
    return Move(tx, adjustment, delta);
  };
  auto resolve = [&](pqxx::work& tx) -> absl::StatusOr<Stock> {
    ASSIGN_OR_RETURN(const bool done, IsDone(tx, adjustment));
    if (!done) return NotFound(StockName(adjustment.sku));
    return LockStock(tx, {adjustment.sku}).begin()->second;
  };
  return pg::InTransaction(pool_, call, adjust, resolve);
}

namespace {

constexpr char kExpired[] = R"sql(
  SELECT DISTINCT sku FROM (
    SELECT sku FROM reservation_line WHERE counted AND expire_time <= clock_timestamp()
    ORDER BY expire_time LIMIT $1
  ) AS line
)sql";

}  // namespace

absl::StatusOr<int> StockStore::SweepExpiredHolds(const Call& call, int limit) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<int> {
    std::vector<std::string> skus;
    for (const auto& row : tx.exec_params(kExpired, limit)) skus.emplace_back(row[0].c_str());
    if (!skus.empty()) LockStock(tx, skus);
    return static_cast<int>(skus.size());
  });
}

}  // namespace arasta::catalog
