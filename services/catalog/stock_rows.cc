#include "services/catalog/stock_rows.h"

#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "common/pg/time.h"

namespace arasta::catalog {
namespace {

constexpr char kLock[] = R"sql(
  SELECT sku, on_hand, reserved, update_time FROM stock
  WHERE sku = ANY ($1::text[]) ORDER BY sku FOR UPDATE
)sql";

// A statement of its own after the lock: its snapshot must see what was committed while we waited.
constexpr char kFreeExpired[] = R"sql(
  WITH expired AS (
    UPDATE reservation_line SET counted = false
    WHERE sku = ANY ($1::text[]) AND counted AND expire_time <= clock_timestamp()
    RETURNING sku, quantity
  ), freed AS (
    SELECT sku, sum(quantity)::bigint AS quantity FROM expired GROUP BY sku
  )
  UPDATE stock SET reserved = stock.reserved - freed.quantity, update_time = now()
  FROM freed WHERE stock.sku = freed.sku
  RETURNING stock.sku, stock.reserved
)sql";

}  // namespace

std::map<std::string, Stock> LockStock(pqxx::work& tx, const std::vector<std::string>& skus) {
  tx.conn().prepare("lock_stock", kLock);
  tx.conn().prepare("free_expired", kFreeExpired);
  const std::string array = TextArray(skus);
  std::map<std::string, Stock> stock;
  for (const auto& row : tx.exec_prepared("lock_stock", array)) {
    const std::string sku = row["sku"].c_str();
    stock[sku] = {sku, row["on_hand"].as<int64_t>(), row["reserved"].as<int64_t>(),
                  pg::FromTimestamp(row["update_time"])};
  }
  for (const auto& row : tx.exec_prepared("free_expired", array)) {
    stock[row["sku"].c_str()].reserved = row["reserved"].as<int64_t>();
  }
  return stock;
}

Availability AvailabilityOf(const std::map<std::string, Stock>& stock) {
  Availability available;
  for (const auto& [sku, level] : stock) available[sku] = level.available();
  return available;
}

std::vector<std::string> SkusOf(const std::vector<ReservationLine>& lines) {
  std::vector<std::string> skus;
  for (const ReservationLine& line : lines) skus.push_back(line.sku);
  return skus;
}

std::string TextArray(const std::vector<std::string>& values) {
  std::string array = "{";
  for (const std::string& value : values) {
    absl::StrAppend(&array, array.size() == 1 ? "\"" : ",\"");
    for (char c : value) {
      if (c == '"' || c == '\\') array.push_back('\\');
      array.push_back(c);
    }
    array.push_back('"');
  }
  array.push_back('}');
  return array;
}

}  // namespace arasta::catalog
