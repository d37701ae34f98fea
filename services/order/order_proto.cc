#include "services/order/order_proto.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "google/protobuf/util/time_util.h"

namespace arasta::order {
namespace {

// A time that did not happen stays absent.
void SetTime(absl::Time time, google::protobuf::Timestamp* (v1::Order::*mutable_time)(), v1::Order& order) {
  if (time == absl::InfinitePast()) return;
  *(order.*mutable_time)() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

v1::Payment PaymentProto(const Order& order) {
  const OrderPayment& payment = order.payment;
  v1::Payment proto;
  proto.set_state(ToProto(payment.state));
  *proto.mutable_authorized_amount() = ToProto(order.totals.currency, payment.authorized);
  *proto.mutable_captured_amount() = ToProto(order.totals.currency, payment.captured);
  *proto.mutable_refunded_amount() = ToProto(order.totals.currency, payment.refunded);
  proto.set_decline_code(order.refusal.decline_code);
  return proto;
}

}  // namespace

type::v1::Money ToProto(const std::string& currency, int64_t amount) {
  type::v1::Money money;
  money.set_currency_code(currency);
  money.set_minor_units(amount);
  return money;
}

v1::Order ToProto(const Order& order) {
  v1::Order proto;
  proto.set_name(order.id.ToName());
  proto.set_etag(ToEtag(order.version));
  proto.set_order_number(OrderNumber(order.number));
  proto.set_customer(order.customer);
  proto.set_channel(order.channel);
  proto.set_state(ToProto(order.state));
  for (const OrderLine& line : order.lines) *proto.add_lines() = ToProto(line, order.totals.currency);
  *proto.mutable_totals() = ToProto(order.totals);
  *proto.mutable_payment() = PaymentProto(order);
  proto.mutable_shipping_address()->ParseFromString(order.shipping_address);
  proto.set_email(order.email);
  proto.set_cancel_reason(ToProto(order.refusal.reason));
  SetTime(order.create_time, &v1::Order::mutable_create_time, proto);
  SetTime(order.update_time, &v1::Order::mutable_update_time, proto);
  SetTime(order.place_time, &v1::Order::mutable_place_time, proto);
  SetTime(order.cancel_time, &v1::Order::mutable_cancel_time, proto);
  return proto;
}

v1::OrderLine ToProto(const OrderLine& line, const std::string& currency) {
  v1::OrderLine proto;
  proto.set_sku(line.sku);
  proto.set_product(line.product);
  proto.set_title(line.title);
  proto.set_quantity(line.quantity);
  *proto.mutable_unit_price() = ToProto(currency, line.unit_price);
  *proto.mutable_total() = ToProto(currency, line.total);
  return proto;
}

v1::OrderTotals ToProto(const OrderTotals& totals) {
  v1::OrderTotals proto;
  *proto.mutable_subtotal() = ToProto(totals.currency, totals.subtotal);
  *proto.mutable_shipping() = ToProto(totals.currency, totals.shipping);
  *proto.mutable_tax() = ToProto(totals.currency, totals.tax);
  *proto.mutable_discount() = ToProto(totals.currency, totals.discount);
  *proto.mutable_total() = ToProto(totals.currency, totals.total);
  return proto;
}

v1::OrderHistoryEntry ToProto(const HistoryEntry& entry) {
  v1::OrderHistoryEntry proto;
  proto.set_sequence(entry.sequence);
  proto.set_action(entry.action);
  proto.set_state(ToProto(entry.state));
  proto.set_payment_state(ToProto(entry.payment));
  proto.set_actor(entry.actor);
  proto.set_reason(entry.reason);
  *proto.mutable_create_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(entry.create_time));
  return proto;
}

v1::Order::State ToProto(OrderState state) {
  switch (state) {
    case OrderState::kPending:
      return v1::Order::STATE_PENDING;
    case OrderState::kPlaced:
      return v1::Order::STATE_PLACED;
    case OrderState::kCompleted:
      return v1::Order::STATE_COMPLETED;
    case OrderState::kCancelled:
      return v1::Order::STATE_CANCELLED;
    case OrderState::kExpired:
      return v1::Order::STATE_EXPIRED;
  }
  return v1::Order::STATE_UNSPECIFIED;
}

v1::Payment::State ToProto(PaymentState state) {
  switch (state) {
    case PaymentState::kPending:
      return v1::Payment::STATE_PENDING;
    case PaymentState::kAuthorized:
      return v1::Payment::STATE_AUTHORIZED;
    case PaymentState::kCaptured:
      return v1::Payment::STATE_CAPTURED;
    case PaymentState::kVoided:
      return v1::Payment::STATE_VOIDED;
    case PaymentState::kRefunded:
      return v1::Payment::STATE_REFUNDED;
    case PaymentState::kDeclined:
      return v1::Payment::STATE_DECLINED;
    case PaymentState::kCancelled:
      return v1::Payment::STATE_CANCELLED;
  }
  return v1::Payment::STATE_UNSPECIFIED;
}

v1::Order::CancelReason ToProto(CancelReason reason) {
  switch (reason) {
    case CancelReason::kNone:
      return v1::Order::CANCEL_REASON_UNSPECIFIED;
    case CancelReason::kCustomerRequest:
      return v1::Order::CANCEL_REASON_CUSTOMER_REQUEST;
    case CancelReason::kInsufficientStock:
      return v1::Order::CANCEL_REASON_INSUFFICIENT_STOCK;
    case CancelReason::kPaymentDeclined:
      return v1::Order::CANCEL_REASON_PAYMENT_DECLINED;
    case CancelReason::kCaptureRefused:
      return v1::Order::CANCEL_REASON_CAPTURE_REFUSED;
    case CancelReason::kWithdrawn:
      return v1::Order::CANCEL_REASON_WITHDRAWN;
    case CancelReason::kTimedOut:
      return v1::Order::CANCEL_REASON_TIMED_OUT;
  }
  return v1::Order::CANCEL_REASON_UNSPECIFIED;
}

std::string OrderNumber(int64_t number) {
  return number == 0 ? "" : absl::StrCat("A-", number);
}

std::string ToEtag(int64_t version) {
  return absl::StrCat(version);
}

absl::StatusOr<absl::optional<int64_t>> VersionFrom(const std::string& etag) {
  if (etag.empty()) return absl::optional<int64_t>();
  int64_t version = 0;
  if (!absl::SimpleAtoi(etag, &version)) {
    return Error(absl::StatusCode::kAborted, "STALE_ETAG", "the etag is not of this resource");
  }
  return absl::optional<int64_t>(version);
}

}  // namespace arasta::order
