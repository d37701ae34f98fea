// What a cart costs now: prices from the catalog, added up exactly.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/order/catalog_client.h"
#include "services/order/order.h"

namespace arasta::order {

struct CartLine {
  std::string sku;
  int32_t quantity = 0;
  // The price when it was first put in.
  Price added_unit_price;
  absl::Time create_time;
};

struct Quote {
  std::vector<OrderLine> lines;
  OrderTotals totals;
};

// FAILED_PRECONDITION CART_EMPTY without lines, ITEM_WITHDRAWN (metadata "sku") for a line that can't be
// bought any more; OUT_OF_RANGE on overflow; INTERNAL where prices are of several or unknown currencies.
absl::StatusOr<Quote> QuoteCart(const std::vector<CartLine>& lines, const Variants& variants);

// As QuoteCart, but leaves out what can't be bought; nothing at all gives no currency and zero.
absl::StatusOr<Quote> QuoteSellable(const std::vector<CartLine>& lines, const Variants& variants);

}  // namespace arasta::order
