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

absl::Status CheckPrice(absl::string_view sku, const Price& price, absl::string_view currency) {
  if (price.currency != currency) {
    return Error(absl::StatusCode::kFailedPrecondition, "CURRENCY_MISMATCH",
                 absl::StrCat(sku, " is not sold in ", currency), {{"sku", std::string(sku)}});
  }
  if (price.amount < 0 || price.amount > kMaxUnitPrice) {
    return Error(absl::StatusCode::kOutOfRange, "AMOUNT_OVERFLOW",
                 absl::StrCat("the price of ", sku, " is out of range"), {{"sku", std::string(sku)}});
  }
  return absl::OkStatus();
}

absl::Status CheckSellable(const CartLine& line, const Variants& variants, absl::string_view currency) {
  const auto variant = variants.find(line.sku);
  if (variant == variants.end() || !variant->second.price) return Withdrawn(line.sku);
  return CheckPrice(line.sku, *variant->second.price, currency);
}

absl::StatusOr<Quote> QuoteCart(const std::vector<CartLine>& lines, const Variants& variants,
                                absl::string_view currency) {
  if (lines.empty()) return Error(absl::StatusCode::kFailedPrecondition, "CART_EMPTY", "the cart is empty");
  for (const CartLine& line : lines) RETURN_IF_ERROR(CheckSellable(line, variants, currency));
  return QuoteSellable(lines, variants, currency);
}

absl::StatusOr<Quote> QuoteSellable(const std::vector<CartLine>& lines, const Variants& variants,
                                    absl::string_view currency) {
  Quote quote;
  OrderTotals& totals = quote.totals;
  for (const CartLine& line : lines) {
    if (!CheckSellable(line, variants, currency).ok()) continue;
    totals.currency = std::string(currency);
    ASSIGN_OR_RETURN(OrderLine quoted, QuoteLine(line, variants.at(line.sku)));
    ASSIGN_OR_RETURN(totals.subtotal, AddAmounts(totals.subtotal, quoted.total));
    quote.lines.push_back(std::move(quoted));
  }
  totals.total = totals.subtotal;
  return quote;
}

}  // namespace arasta::order
