#include "services/order/order_rows.h"

#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include "common/pg/time.h"

namespace arasta::order {

const char kSelectOrders[] = R"sql(
  SELECT o.order_id, o.customer, o.channel, o.locale, o.state, o.version, coalesce(o.order_number, 0) AS number,
         o.currency, o.subtotal, o.shipping, o.tax, o.discount, o.total,
         o.shipping_address, o.email, o.request_fingerprint,
         o.cancel_reason, o.refused_sku, o.refused_available,
         o.create_time, o.update_time, o.place_time, o.cancel_time,
         p.state AS payment_state, p.authorized, p.captured, p.refunded, p.decline_code,
         l.line_number, l.sku, l.product, l.title, l.quantity, l.unit_price, l.total AS line_total
  FROM orders o
  JOIN payments p USING (shard, order_id)
  JOIN order_lines l USING (shard, order_id)
)sql";

namespace {

std::string BytesFrom(const pqxx::field& field) {
  return pqxx::binarystring(field).str();
}

OrderLine LineFrom(const pqxx::row& row) {
  return {.sku = row["sku"].as<std::string>(),
          .product = row["product"].as<std::string>(),
          .title = row["title"].as<std::string>(),
          .quantity = row["quantity"].as<int32_t>(),
          .unit_price = row["unit_price"].as<int64_t>(),
          .total = row["line_total"].as<int64_t>()};
}

OrderTotals TotalsFrom(const pqxx::row& row) {
  return {.currency = row["currency"].as<std::string>(),
          .subtotal = row["subtotal"].as<int64_t>(),
          .shipping = row["shipping"].as<int64_t>(),
          .tax = row["tax"].as<int64_t>(),
          .discount = row["discount"].as<int64_t>(),
          .total = row["total"].as<int64_t>()};
}

// The tables' CHECKs admit only words that are ours, so value() cannot fail.
Order OrderFrom(const pqxx::row& row) {
  return {.id = OrderIdFrom(row["order_id"]),
          .customer = row["customer"].as<std::string>(),
          .channel = row["channel"].as<std::string>(),
          .locale = row["locale"].as<std::string>(),
          .state = OrderStateFrom(row["state"].c_str()).value(),
          .version = row["version"].as<int64_t>(),
          .number = row["number"].as<int64_t>(),
          .lines = {},
          .totals = TotalsFrom(row),
          .payment = {.state = PaymentStateFrom(row["payment_state"].c_str()).value(),
                      .authorized = row["authorized"].as<int64_t>(),
                      .captured = row["captured"].as<int64_t>(),
                      .refunded = row["refunded"].as<int64_t>()},
          .refusal = {.reason = CancelReasonFrom(row["cancel_reason"].c_str()).value(),
                      .sku = row["refused_sku"].as<std::string>(),
                      .available = row["refused_available"].as<int64_t>(),
                      .decline_code = row["decline_code"].as<std::string>()},
          .shipping_address = BytesFrom(row["shipping_address"]),
          .email = row["email"].as<std::string>(),
          .request_fingerprint = BytesFrom(row["request_fingerprint"]),
          .create_time = pg::FromTimestamp(row["create_time"]),
          .update_time = pg::FromTimestamp(row["update_time"]),
          .place_time = pg::FromNullableTimestamp(row["place_time"]).value_or(absl::InfinitePast()),
          .cancel_time = pg::FromNullableTimestamp(row["cancel_time"]).value_or(absl::InfinitePast())};
}

}  // namespace

std::vector<Order> OrdersFrom(const pqxx::result& rows) {
  std::vector<Order> orders;
  for (const pqxx::row& row : rows) {
    if (orders.empty() || orders.back().id != OrderIdFrom(row["order_id"])) orders.push_back(OrderFrom(row));
    orders.back().lines.push_back(LineFrom(row));
  }
  return orders;
}

OrderId OrderIdFrom(const pqxx::field& field) {
  return OrderId(Uuid::Parse(field.c_str()).value());
}

std::string LinesToJson(const std::vector<OrderLine>& lines) {
  nlohmann::json array = nlohmann::json::array();
  for (const OrderLine& line : lines) {
    array.push_back({{"line_number", array.size() + 1},
                     {"sku", line.sku},
                     {"product", line.product},
                     {"title", line.title},
                     {"quantity", line.quantity},
                     {"unit_price", line.unit_price},
                     {"total", line.total}});
  }
  return array.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace arasta::order
