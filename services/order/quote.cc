#include "services/order/quote.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/order/money.h"

namespace arasta::order {
namespace {

absl::Status Withdrawn(const std::string& sku) {
  return Error(absl::StatusCode::kFailedPrecondition, "ITEM_WITHDRAWN",
               absl::StrCat(sku, " can't be bought any more"), {{"sku", sku}});
}

bool IsSellable(const CartLine& line, const Variants& variants) {
  const auto variant = variants.find(line.sku);
  return variant != variants.end() && variant->second.price.has_value();
}

absl::StatusOr<OrderLine> QuoteLine(const CartLine& line, const Variant& variant) {
  ASSIGN_OR_RETURN(const int64_t total, MultiplyAmount(variant.price->amount, line.quantity));
  return OrderLine{.sku = line.sku,
                   .product = variant.product,
                   .title = variant.title,
                   .quantity = line.quantity,
                   .unit_price = variant.price->amount,
                   .total = total};
}

}  // namespace

absl::StatusOr<Quote> QuoteCart(const std::vector<CartLine>& lines, const Variants& variants) {
  if (lines.empty()) return Error(absl::StatusCode::kFailedPrecondition, "CART_EMPTY", "the cart is empty");
  for (const CartLine& line : lines) {
    if (!IsSellable(line, variants)) return Withdrawn(line.sku);
  }
  return QuoteSellable(lines, variants);
}

absl::StatusOr<Quote> QuoteSellable(const std::vector<CartLine>& lines, const Variants& variants) {
  Quote quote;
  OrderTotals& totals = quote.totals;
  for (const CartLine& line : lines) {
    if (!IsSellable(line, variants)) continue;
    const Variant& variant = variants.at(line.sku);
    if (totals.currency.empty()) totals.currency = variant.price->currency;
    if (variant.price->currency != totals.currency || !CurrencyExponent(totals.currency) ||
        variant.price->amount < 0) {
      return absl::InternalError("the catalog's prices don't fit together");
    }
    ASSIGN_OR_RETURN(OrderLine quoted, QuoteLine(line, variant));
    ASSIGN_OR_RETURN(totals.subtotal, AddAmounts(totals.subtotal, quoted.total));
    quote.lines.push_back(std::move(quoted));
  }
  totals.total = totals.subtotal;
  return quote;
}

}  // namespace arasta::order
