// How an order's rows become an Order: the columns every query of orders selects, and their reading.
#pragma once

#include <pqxx/result>
#include <string>
#include <vector>

#include "services/order/order.h"

namespace arasta::order {

// "SELECT … FROM orders o JOIN payments p … JOIN order_lines l …", to be followed by WHERE and
// ORDER BY; the rows of an order have to come together, by line number.
extern const char kSelectOrders[];

// One order for every run of rows of the same id.
std::vector<Order> OrdersFrom(const pqxx::result& rows);

OrderId OrderIdFrom(const pqxx::field& field);

// The lines as a JSON array for jsonb_to_recordset.
std::string LinesToJson(const std::vector<OrderLine>& lines);

}  // namespace arasta::order
