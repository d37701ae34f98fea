// An order as the rest of the service sees it: a snapshot of its rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/order/order_id.h"
#include "services/order/order_state.h"
#include "services/order/saga.h"

namespace arasta::order {

struct OrderLine {
  std::string sku;
  // "products/{product}".
  std::string product;
  std::string title;
  int32_t quantity = 0;
  int64_t unit_price = 0;
  int64_t total = 0;
};

// In minor units of `currency`; total = subtotal + shipping + tax − discount.
struct OrderTotals {
  std::string currency;
  int64_t subtotal = 0;
  int64_t shipping = 0;
  int64_t tax = 0;
  int64_t discount = 0;
  int64_t total = 0;
};

struct OrderPayment {
  PaymentState state = PaymentState::kPending;
  int64_t authorized = 0;
  int64_t captured = 0;
  int64_t refunded = 0;
};

struct Order {
  OrderId id;
  // "users/{user}" or "guests/{guest}".
  std::string customer;
  std::string channel;
  std::string locale;
  OrderState state = OrderState::kPending;
  // Raised by one with every move; the sequence of its history, and the etag.
  int64_t version = 0;
  // 0 until it is placed.
  int64_t number = 0;
  std::vector<OrderLine> lines;
  OrderTotals totals;
  OrderPayment payment;
  // Why it was cancelled; its decline_code is the payment's.
  Refusal refusal;
  // arasta.type.v1.Address, serialised. Personal data.
  std::string shipping_address;
  // Of a guest. Personal data.
  std::string email;
  // SHA-256 of the request that made it.
  std::string request_fingerprint;
  absl::Time create_time;
  absl::Time update_time;
  // InfinitePast until it happens.
  absl::Time place_time = absl::InfinitePast();
  absl::Time cancel_time = absl::InfinitePast();
};

// One move of an order.
struct HistoryEntry {
  int64_t sequence = 0;
  std::string action;
  OrderState state = OrderState::kPending;
  PaymentState payment = PaymentState::kPending;
  // "users/…", "guests/…" or "system".
  std::string actor;
  std::string reason;
  absl::Time create_time;
};

// Nothing more will happen: neither to the order nor to its money.
bool Finished(OrderState state, PaymentState payment);

}  // namespace arasta::order
