#include "services/notification/event_messages.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "arasta/auth/v1/auth_events.pb.h"
#include "arasta/order/v1/order_events.pb.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"

namespace arasta::notification {
namespace {

namespace auth_v1 = arasta::auth::v1;
namespace events_v1 = arasta::events::v1;
namespace order_v1 = arasta::order::v1;
using nlohmann::json;
using OptionalMessage = absl::optional<NewNotification>;

json ToJson(const arasta::type::v1::Money& money) {
  return {{"currency_code", money.currency_code()}, {"minor_units", money.minor_units()}};
}

// Amounts that are zero are left out of the mail: mustache skips what is false.
json ToJsonUnlessZero(const arasta::type::v1::Money& money) {
  return money.minor_units() == 0 ? json(false) : ToJson(money);
}

json ToJson(const google::protobuf::Timestamp& time) {
  return {{"unix_seconds", time.seconds()}};
}

OptionalMessage MessageOf(const auth_v1::UserRegistered& event) {
  return NewNotification{.recipient = event.user(), .message = "welcome", .variables = json::object()};
}

OptionalMessage MessageOf(const auth_v1::RegistrationRepeated& event) {
  return NewNotification{.recipient = event.user(),
                         .message = "registration_repeated",
                         .variables = {{"attempt_time", ToJson(event.attempt_time())}}};
}

// Only theft is news to the owner, and a guest has no address to tell it to.
OptionalMessage MessageOf(const auth_v1::SessionRevoked& event) {
  const bool stolen = event.reason() == auth_v1::SessionRevoked::REASON_REFRESH_TOKEN_REUSED;
  if (!stolen || !absl::StartsWith(event.principal(), "users/")) return absl::nullopt;
  return NewNotification{.recipient = event.principal(),
                         .message = "refresh_token_reused",
                         .variables = {{"revoke_time", ToJson(event.revoke_time())}}};
}

OptionalMessage MessageOf(const order_v1::OrderPlaced& event) {
  json lines = json::array();
  for (const order_v1::OrderLine& line : event.lines()) {
    lines.push_back({{"title", line.title()},
                     {"quantity", line.quantity()},
                     {"unit_price", ToJson(line.unit_price())},
                     {"line_total", ToJson(line.total())}});
  }
  const order_v1::OrderTotals& totals = event.totals();
  return NewNotification{.recipient = event.customer(),
                         .message = "order_placed",
                         .subject = event.order(),
                         .locale = event.locale(),
                         .variables = {{"order_number", event.order_number()},
                                       {"place_time", ToJson(event.place_time())},
                                       {"lines", std::move(lines)},
                                       {"subtotal", ToJson(totals.subtotal())},
                                       {"shipping", ToJsonUnlessZero(totals.shipping())},
                                       {"tax", ToJsonUnlessZero(totals.tax())},
                                       {"discount", ToJsonUnlessZero(totals.discount())},
                                       {"total", ToJson(totals.total())}}};
}

// A refusal while ordering was the answer to the customer's own call. One that came after a PENDING
// answer was not.
bool CustomerKnows(const order_v1::OrderCancelled& event) {
  return event.previous_state() == order_v1::Order::STATE_PENDING &&
         event.reason() != order_v1::Order::CANCEL_REASON_TIMED_OUT;
}

OptionalMessage MessageOf(const order_v1::OrderCancelled& event) {
  if (CustomerKnows(event)) return absl::nullopt;
  const auto reason = event.reason();
  const bool by_customer = reason == order_v1::Order::CANCEL_REASON_CUSTOMER_REQUEST;
  const bool out_of_stock = reason == order_v1::Order::CANCEL_REASON_INSUFFICIENT_STOCK ||
                            reason == order_v1::Order::CANCEL_REASON_WITHDRAWN;
  const bool payment_failed = reason == order_v1::Order::CANCEL_REASON_PAYMENT_DECLINED ||
                              reason == order_v1::Order::CANCEL_REASON_CAPTURE_REFUSED;
  return NewNotification{.recipient = event.customer(),
                         .message = "order_cancelled",
                         .subject = event.order(),
                         .locale = event.locale(),
                         .variables = {{"order_number", event.order_number()},
                                       {"cancel_time", ToJson(event.cancel_time())},
                                       {"total", ToJson(event.totals().total())},
                                       {"by_customer", by_customer},
                                       {"out_of_stock", out_of_stock},
                                       {"payment_failed", payment_failed},
                                       {"unfinished", !by_customer && !out_of_stock && !payment_failed}}};
}

template <typename Event>
absl::StatusOr<OptionalMessage> Read(const std::string& payload) {
  Event event;
  if (!event.ParseFromString(payload)) return InvalidField("payload", "does not parse", "MALFORMED_EVENT");
  return MessageOf(event);
}

using Reader = absl::StatusOr<OptionalMessage> (*)(const std::string& payload);

template <typename Event>
std::pair<const std::string, Reader> Entry() {
  return {Event::descriptor()->full_name(), &Read<Event>};
}

const std::map<std::string, Reader>& Readers() {
  static const auto& readers = *new std::map<std::string, Reader>{
      Entry<auth_v1::UserRegistered>(),  Entry<auth_v1::RegistrationRepeated>(),
      Entry<auth_v1::SessionRevoked>(),  Entry<order_v1::OrderPlaced>(),
      Entry<order_v1::OrderCancelled>(),
  };
  return readers;
}

bool IsPrincipal(absl::string_view name) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(name, absl::MaxSplits('/', 1));
  return (parts.first == "users" || parts.first == "guests") && Uuid::Parse(parts.second).has_value();
}

}  // namespace

absl::StatusOr<absl::optional<NewNotification>> MessageFor(const events_v1::Envelope& event) {
  const auto reader = Readers().find(event.type());
  if (reader == Readers().end()) return absl::nullopt;
  ASSIGN_OR_RETURN(OptionalMessage message, reader->second(event.payload()));
  if (!message.has_value()) return absl::nullopt;
  message->producer = event.producer();
  message->idempotency_key = event.event_id();
  if (!IsPrincipal(message->recipient))
    return InvalidField("recipient", "is no principal", "MALFORMED_EVENT");
  return message;
}

}  // namespace arasta::notification
