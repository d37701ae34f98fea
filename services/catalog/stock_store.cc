#include "services/catalog/stock_store.h"

#include <map>
#include <pqxx/pqxx>

#include "common/base/errors.h"
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

constexpr char kIsDone[] = R"sql(
  SELECT 1 FROM stock_movement WHERE kind = 'adjustment' AND reference = $1
)sql";

constexpr char kMove[] = R"sql(
  WITH moved AS (
    INSERT INTO stock_movement (sku, delta, kind, reference, note) VALUES ($1, $2, 'adjustment', $3, $4)
  )
  UPDATE stock SET on_hand = on_hand + $2, update_time = now() WHERE sku = $1
  RETURNING sku, on_hand, reserved, update_time
)sql";

}  // namespace

absl::StatusOr<Stock> StockStore::Adjust(const Call& call, const Adjustment& adjustment) {
  const std::string reference = adjustment.request_id.ToString();
  auto adjust = [&](pqxx::work& tx) -> absl::StatusOr<Stock> {
    std::map<std::string, Stock> locked = LockStock(tx, {adjustment.sku});
    if (locked.empty()) return NotFound(StockName(adjustment.sku));
    const Stock& stock = locked.begin()->second;
    // The lock on the SKU makes repeats take turns, so whoever comes second sees the first one's.
    if (!tx.exec_params(kIsDone, reference).empty()) return stock;
    const int64_t delta =
        adjustment.delta.value_or(adjustment.on_hand.value_or(stock.on_hand) - stock.on_hand);
    if (stock.available() + delta < 0) return InsufficientStock(stock.sku, stock.available());
    const pqxx::row row = tx.exec_params1(kMove, adjustment.sku, delta, reference, adjustment.note);
    return Stock{row["sku"].c_str(), row["on_hand"].as<int64_t>(), row["reserved"].as<int64_t>(),
                 pg::FromTimestamp(row["update_time"])};
  };
  auto resolve = [&](pqxx::work& tx) -> absl::StatusOr<Stock> {
    if (tx.exec_params(kIsDone, reference).empty()) return NotFound(StockName(adjustment.sku));
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
