// What a cart costs now: prices from the catalog, added up exactly.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/order/catalog_client.h"
#include "services/order/order.h"

namespace arasta::order {

inline constexpr int kMaxCartLines = 100;
inline constexpr int kMaxLineQuantity = 999;

// A full cart of these can still be added up.
inline constexpr int64_t kMaxUnitPrice =
    std::numeric_limits<int64_t>::max() / (kMaxLineQuantity * kMaxCartLines);

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

// Whether a price of the catalog's can be paid in `currency`. Metadata "sku" in each error:
// FAILED_PRECONDITION CURRENCY_MISMATCH; OUT_OF_RANGE AMOUNT_OVERFLOW beyond kMaxUnitPrice, or negative.
absl::Status CheckPrice(absl::string_view sku, const Price& price, absl::string_view currency);

// As CheckPrice, or FAILED_PRECONDITION ITEM_WITHDRAWN for a line that can't be bought any more.
absl::Status CheckSellable(const CartLine& line, const Variants& variants, absl::string_view currency);

// FAILED_PRECONDITION CART_EMPTY without lines; the first error of CheckSellable; OUT_OF_RANGE on overflow.
absl::StatusOr<Quote> QuoteCart(const std::vector<CartLine>& lines, const Variants& variants,
                                absl::string_view currency);

// As QuoteCart, but leaves out what can't be bought; nothing at all gives no currency and zero.
absl::StatusOr<Quote> QuoteSellable(const std::vector<CartLine>& lines, const Variants& variants,
                                    absl::string_view currency);

}  // namespace arasta::order
