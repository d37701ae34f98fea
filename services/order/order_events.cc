#include "services/order/order_events.h"

#include "arasta/order/v1/order_events.pb.h"
#include "common/events/outbox.h"
#include "google/protobuf/util/time_util.h"
#include "services/order/order_proto.h"

namespace arasta::order {
namespace {

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

// What every event of an order begins with.
template <typename Event>
Event EventOf(const Order& order) {
  Event event;
  event.set_order(order.id.ToName());
  event.set_order_number(OrderNumber(order.number));
  event.set_customer(order.customer);
  return event;
}

void Announce(pqxx::work& tx, const Call& call, const Order& order, const google::protobuf::Message& event) {
  events::Append(tx, call,
                 {.aggregate = order.id.ToName(), .aggregate_version = order.version, .payload = event});
}

}  // namespace

void AnnouncePlaced(pqxx::work& tx, const Call& call, const Order& order) {
  auto event = EventOf<v1::OrderPlaced>(order);
  event.set_channel(order.channel);
  event.set_locale(order.locale);
  for (const OrderLine& line : order.lines) *event.add_lines() = ToProto(line, order.totals.currency);
  *event.mutable_totals() = ToProto(order.totals);
  *event.mutable_place_time() = ToTimestamp(order.update_time);
  Announce(tx, call, order, event);
}

void AnnounceCancelled(pqxx::work& tx, const Call& call, const Order& order, OrderState previous_state) {
  auto event = EventOf<v1::OrderCancelled>(order);
  event.set_channel(order.channel);
  event.set_locale(order.locale);
  event.set_previous_state(ToProto(previous_state));
  event.set_reason(ToProto(order.refusal.reason));
  *event.mutable_totals() = ToProto(order.totals);
  *event.mutable_cancel_time() = ToTimestamp(order.update_time);
  Announce(tx, call, order, event);
}

void AnnounceCaptured(pqxx::work& tx, const Call& call, const Order& order) {
  auto event = EventOf<v1::PaymentCaptured>(order);
  *event.mutable_amount() = ToProto(order.totals.currency, order.totals.total);
  *event.mutable_capture_time() = ToTimestamp(order.update_time);
  Announce(tx, call, order, event);
}

void AnnounceRefunded(pqxx::work& tx, const Call& call, const Order& order) {
  auto event = EventOf<v1::PaymentRefunded>(order);
  *event.mutable_amount() = ToProto(order.totals.currency, order.totals.total);
  *event.mutable_refund_time() = ToTimestamp(order.update_time);
  Announce(tx, call, order, event);
}

}  // namespace arasta::order
