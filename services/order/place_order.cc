#include "services/order/place_order.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/email/address.h"
#include "common/shop/currency.h"
#include "services/order/money.h"
#include "services/order/order_proto.h"

namespace arasta::order {
namespace {

absl::Status RefusalOf(const Refusal& refusal) {
  constexpr auto kCode = absl::StatusCode::kFailedPrecondition;
  switch (refusal.reason) {
    case CancelReason::kInsufficientStock:
      return Error(kCode, "INSUFFICIENT_STOCK", absl::StrCat("not enough of ", refusal.sku),
                   {{"sku", refusal.sku}, {"available", absl::StrCat(refusal.available)}});
    case CancelReason::kWithdrawn:
      return Error(kCode, "ITEM_WITHDRAWN", absl::StrCat(refusal.sku, " can't be bought any more"),
                   {{"sku", refusal.sku}});
    case CancelReason::kPaymentDeclined:
      return Error(kCode, "PAYMENT_DECLINED", "the payment was declined",
                   {{"decline_code", refusal.decline_code}});
    // Not refused: placed and cancelled since, or stopped on request. The order itself says so.
    case CancelReason::kNone:
    case CancelReason::kCustomerRequest:
    case CancelReason::kCaptureRefused:
    case CancelReason::kTimedOut:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPlaceOrder(const auth::Principal& principal, const v1::PlaceOrderRequest& request) {
  if (LooksLikeCardNumber(request.payment_token())) {
    return InvalidField("payment_token", "must be a payment provider's token, never a card number",
                        "CARD_NUMBER");
  }
  if (!shop::CurrencyExponent(request.expected_total().currency_code())) {
    return InvalidField("expected_total.currency_code", "is not a currency");
  }
  if (request.expected_total().minor_units() < 0) {
    return InvalidField("expected_total.minor_units", "must not be negative");
  }
  return EmailOf(principal, request).status();
}

absl::StatusOr<std::string> EmailOf(const auth::Principal& principal, const v1::PlaceOrderRequest& request) {
  if (principal.kind != auth::Principal::Kind::kGuest) return "";
  const absl::optional<email::Address> address = email::ParseAddress(request.email());
  if (!address) return InvalidField("email", "must be an e-mail address: guests have no other");
  return address->written;
}

absl::StatusOr<v1::Order> AnswerWith(const Order& order, const std::string& fingerprint) {
  if (order.request_fingerprint != fingerprint) {
    return InvalidField("request_id", "was used for another request", "REQUEST_ID_REUSED");
  }
  const absl::Status refusal = RefusalOf(order.refusal);
  if (!refusal.ok()) return refusal;
  return ToProto(order);
}

}  // namespace arasta::order
