#include "services/order/order_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/request_fingerprint.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "services/order/order_proto.h"
#include "services/order/place_order.h"
#include "services/order/quote.h"

namespace arasta::order {
namespace {

using google::protobuf::util::TimeUtil;

int PageSize(int asked, int default_size, int most) {
  return asked == 0 ? default_size : std::min(asked, most);
}

// A page token's cursor is "{microseconds}/{uuid}" for orders, "{sequence}" for history.
std::string CursorOf(absl::Time time, const OrderId& id) {
  return absl::StrCat(absl::ToUnixMicros(time), "/", id.ToString());
}

// The token's HMAC vouches for the form; anything else is a bug.
absl::Status ParseCursor(absl::string_view cursor, absl::Time& time, OrderId& id) {
  const std::vector<std::string> parts = absl::StrSplit(cursor, '/');
  int64_t micros = 0;
  const absl::optional<Uuid> uuid = Uuid::Parse(parts.back());
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &micros) || !uuid) {
    return absl::InternalError("a page token that is not ours");
  }
  time = absl::FromUnixMicros(micros);
  id = OrderId(*uuid);
  return absl::OkStatus();
}

absl::Status CheckTotal(const type::v1::Money& expected, const OrderTotals& totals) {
  if (expected.currency_code() == totals.currency && expected.minor_units() == totals.total) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kAborted, "CART_CHANGED", "the cart's total is not the expected one",
               {{"total_minor_units", absl::StrCat(totals.total)}, {"currency_code", totals.currency}});
}

v1::StuckOrder ToProto(const StuckOrder& stuck) {
  v1::StuckOrder proto;
  proto.set_name(stuck.id.ToName());
  proto.set_state(ToProto(stuck.state));
  proto.set_step(stuck.step);
  proto.set_attempts(stuck.attempts);
  proto.set_last_error(stuck.last_error);
  *proto.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(stuck.phase_time));
  *proto.mutable_next_attempt_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(stuck.due_time));
  return proto;
}

}  // namespace

absl::StatusOr<v1::Order> OrderService::PlaceOrder(const Call& call, const v1::PlaceOrderRequest& request) {
  const auth::Principal& principal = call.principal();
  RETURN_IF_ERROR(CheckPlaceOrder(principal, request));
  const absl::optional<Uuid> request_id = Uuid::Parse(request.request_id());
  if (!request_id) return InvalidField("request_id", "must be a UUID");
  if (!principal.guest.empty()) RETURN_IF_ERROR(parts_.carts.Merge(call, principal.guest, principal.name));

  const OrderId id = OrderId::Derive(principal.name, *request_id);
  const std::string fingerprint = FingerprintOf(request, *request_id);
  ASSIGN_OR_RETURN(const Prospect prospect, parts_.orders.FindProspect(call, principal.name, id));
  if (prospect.order) {
    // Before waiting for an order that the request does not mean.
    RETURN_IF_ERROR(AnswerWith(*prospect.order, fingerprint).status());
    ASSIGN_OR_RETURN(const Order joined, parts_.checkout.Join(call, id));
    return AnswerWith(joined, fingerprint);
  }
  ASSIGN_OR_RETURN(NewOrder order, Price(call, request, id, prospect.cart));
  order.order.request_fingerprint = fingerprint;
  ASSIGN_OR_RETURN(const Order placed, parts_.checkout.Place(call, order));
  return AnswerWith(placed, fingerprint);
}

absl::StatusOr<NewOrder> OrderService::Price(const Call& call, const v1::PlaceOrderRequest& request,
                                             const OrderId& id, const Cart& cart) {
  ASSIGN_OR_RETURN(
      const Channel channel,
      FindChannel(parts_.channels, request.channel().empty() ? cart.channel : request.channel()));
  if (!cart.lines.empty() && channel.name != cart.channel) return ChannelMismatch();
  std::vector<std::string> skus;
  for (const CartLine& line : cart.lines) skus.push_back(line.sku);
  Variants variants;
  if (!skus.empty()) {
    ASSIGN_OR_RETURN(variants, parts_.catalog.GetVariants(call, channel.name, skus));
  }
  ASSIGN_OR_RETURN(Quote quote, QuoteCart(cart.lines, variants, channel.currency));
  RETURN_IF_ERROR(CheckTotal(request.expected_total(), quote.totals));

  const auth::Principal& principal = call.principal();
  NewOrder order{.order = {},
                 .cart_owner = principal.name,
                 .cart_version = cart.version,
                 .payment_token = request.payment_token()};
  order.order.id = id;
  order.order.customer = principal.name;
  order.order.channel = channel.name;
  order.order.locale = kDefaultLocale;
  order.order.lines = std::move(quote.lines);
  order.order.totals = std::move(quote.totals);
  order.order.shipping_address = request.shipping_address().SerializeAsString();
  ASSIGN_OR_RETURN(order.order.email, EmailOf(principal, request));
  return order;
}

absl::StatusOr<v1::Order> OrderService::GetOrder(const Call& call, const v1::GetOrderRequest& request) {
  ASSIGN_OR_RETURN(const Order order, FindOwn(call, request.name(), "name"));
  return ToProto(order);
}

absl::StatusOr<v1::ListOrdersResponse> OrderService::ListOrders(const Call& call,
                                                                const v1::ListOrdersRequest& request) {
  // The token is the caller's own: its fingerprint names them.
  const std::string fingerprint = absl::StrCat(rpc::FingerprintOf(request), call.principal().name);
  ASSIGN_OR_RETURN(const std::string cursor, parts_.page_tokens.Decode(request.page_token(), fingerprint));
  OrderCursor after;
  if (!cursor.empty()) RETURN_IF_ERROR(ParseCursor(cursor, after.create_time, after.id));
  const size_t page_size = PageSize(request.page_size(), 20, 100);
  ASSIGN_OR_RETURN(std::vector<Order> orders, parts_.orders.List(call, call.principal().Names(), after,
                                                                 static_cast<int>(page_size) + 1));

  v1::ListOrdersResponse response;
  if (orders.size() > page_size) {
    orders.pop_back();
    response.set_next_page_token(
        parts_.page_tokens.Encode(CursorOf(orders.back().create_time, orders.back().id), fingerprint));
  }
  for (const Order& order : orders) *response.add_orders() = ToProto(order);
  return response;
}

absl::StatusOr<v1::Order> OrderService::CancelOrder(const Call& call, const v1::CancelOrderRequest& request) {
  ASSIGN_OR_RETURN(const OrderId id, OrderId::FromName(request.name()));
  ASSIGN_OR_RETURN(const absl::optional<int64_t> version, VersionFrom(request.etag()));
  RETURN_IF_ERROR(parts_.sagas.RequestCancel(call, id, call.principal().Names(), version, request.reason()));
  parts_.checkout.Moved(id);
  // One that was being placed is stopped by whoever drives it, or by this call.
  ASSIGN_OR_RETURN(const Order order, parts_.checkout.Join(call, id));
  return ToProto(order);
}

absl::StatusOr<v1::ListOrderHistoryResponse> OrderService::ListOrderHistory(
    const Call& call, const v1::ListOrderHistoryRequest& request) {
  ASSIGN_OR_RETURN(const Order order, FindOwn(call, request.parent(), "parent"));
  return History(call, order.id, request);
}

absl::Status OrderService::WatchOrder(const Call& call, const v1::WatchOrderRequest& request,
                                      OrderWatches::Watch watch) {
  ASSIGN_OR_RETURN(const Order order, FindOwn(call, request.name(), "name"));
  return parts_.watches.Add(order, request.after_sequence(), std::move(watch));
}

absl::StatusOr<v1::Order> OrderService::GetAnyOrder(const Call& call, const v1::GetOrderRequest& request) {
  ASSIGN_OR_RETURN(const OrderId id, OrderId::FromName(request.name()));
  ASSIGN_OR_RETURN(const Order order, parts_.orders.Find(call, id));
  return ToProto(order);
}

absl::StatusOr<v1::ListOrderHistoryResponse> OrderService::ListAnyOrderHistory(
    const Call& call, const v1::ListOrderHistoryRequest& request) {
  ASSIGN_OR_RETURN(const OrderId id, OrderId::FromName(request.parent(), "parent"));
  RETURN_IF_ERROR(parts_.orders.Find(call, id).status());
  return History(call, id, request);
}

absl::StatusOr<v1::ListStuckOrdersResponse> OrderService::ListStuckOrders(
    const Call& call, const v1::ListStuckOrdersRequest& request) {
  const std::string fingerprint = rpc::FingerprintOf(request);
  ASSIGN_OR_RETURN(const std::string cursor, parts_.page_tokens.Decode(request.page_token(), fingerprint));
  StuckCursor after;
  if (!cursor.empty()) RETURN_IF_ERROR(ParseCursor(cursor, after.phase_time, after.id));
  const size_t page_size = PageSize(request.page_size(), 50, 200);
  ASSIGN_OR_RETURN(std::vector<StuckOrder> stuck,
                   parts_.orders.ListStuck(call, after, static_cast<int>(page_size) + 1));

  v1::ListStuckOrdersResponse response;
  if (stuck.size() > page_size) {
    stuck.pop_back();
    response.set_next_page_token(
        parts_.page_tokens.Encode(CursorOf(stuck.back().phase_time, stuck.back().id), fingerprint));
  }
  for (const StuckOrder& order : stuck) *response.add_orders() = ToProto(order);
  return response;
}

absl::StatusOr<v1::OrderContact> OrderService::GetOrderContact(const Call& call,
                                                               const v1::GetOrderContactRequest& request) {
  ASSIGN_OR_RETURN(const OrderId id, OrderId::FromName(request.name()));
  ASSIGN_OR_RETURN(const Order order, parts_.orders.Find(call, id));
  v1::OrderContact contact;
  contact.set_customer(order.customer);
  contact.set_email(order.email);
  contact.set_locale(order.locale);
  type::v1::Address address;
  if (address.ParseFromString(order.shipping_address)) contact.set_recipient(address.recipient());
  return contact;
}

absl::StatusOr<Order> OrderService::FindOwn(const Call& call, const std::string& name,
                                            absl::string_view field) {
  ASSIGN_OR_RETURN(const OrderId id, OrderId::FromName(name, field));
  ASSIGN_OR_RETURN(Order order, parts_.orders.Find(call, id));
  const std::vector<std::string> names = call.principal().Names();
  if (std::find(names.begin(), names.end(), order.customer) == names.end()) return NotFound(name);
  return order;
}

absl::StatusOr<v1::ListOrderHistoryResponse> OrderService::History(
    const Call& call, const OrderId& id, const v1::ListOrderHistoryRequest& request) {
  const std::string fingerprint = rpc::FingerprintOf(request);
  ASSIGN_OR_RETURN(const std::string cursor, parts_.page_tokens.Decode(request.page_token(), fingerprint));
  int64_t after = 0;
  if (!cursor.empty() && !absl::SimpleAtoi(cursor, &after)) {
    return absl::InternalError("a page token that is not ours");
  }
  const size_t page_size = PageSize(request.page_size(), 50, 200);
  ASSIGN_OR_RETURN(std::vector<HistoryEntry> entries,
                   parts_.orders.History(call, id, after, static_cast<int>(page_size) + 1));

  v1::ListOrderHistoryResponse response;
  if (entries.size() > page_size) {
    entries.pop_back();
    response.set_next_page_token(
        parts_.page_tokens.Encode(absl::StrCat(entries.back().sequence), fingerprint));
  }
  for (const HistoryEntry& entry : entries) *response.add_entries() = order::ToProto(entry);
  return response;
}

}  // namespace arasta::order
