// Orders and carts as the wire shows them.
#pragma once

#include <cstdint>
#include <string>

#include "arasta/order/v1/cart.pb.h"
#include "arasta/order/v1/order.pb.h"
#include "arasta/type/v1/money.pb.h"
#include "services/order/catalog_client.h"
#include "services/order/order.h"

namespace arasta::order {

type::v1::Money ToProto(const std::string& currency, int64_t amount);
v1::Order ToProto(const Order& order);
v1::OrderLine ToProto(const OrderLine& line, const std::string& currency);
v1::OrderTotals ToProto(const OrderTotals& totals);
v1::OrderHistoryEntry ToProto(const HistoryEntry& entry);
v1::Order::State ToProto(OrderState state);
v1::Payment::State ToProto(PaymentState state);
v1::Order::CancelReason ToProto(CancelReason reason);

// "A-100042"; empty for 0, an order that has none yet.
std::string OrderNumber(int64_t number);

// The etag of a version, and back. ABORTED for an etag that no version ever had.
std::string ToEtag(int64_t version);
absl::StatusOr<absl::optional<int64_t>> VersionFrom(const std::string& etag);

}  // namespace arasta::order
