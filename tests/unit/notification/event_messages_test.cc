#include "services/notification/event_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arasta/auth/v1/auth_events.pb.h"
#include "arasta/order/v1/order_events.pb.h"
#include "common/base/errors.h"

namespace arasta::notification {
namespace {

namespace auth_v1 = arasta::auth::v1;
namespace order_v1 = arasta::order::v1;

constexpr char kAda[] = "users/0193f2c4-0000-7000-8000-0000000000ad";
constexpr char kGuest[] = "guests/0193f2c4-0000-7000-8000-0000000000ae";
constexpr char kOrder[] = "orders/0193f2c4-0000-7000-8000-0000000000af";

arasta::events::v1::Envelope EventOf(const std::string& producer, const google::protobuf::Message& payload) {
  arasta::events::v1::Envelope event;
  event.set_event_id("0193f2c4-0000-7000-8000-000000000001");
  event.set_producer(producer);
  event.set_type(payload.GetDescriptor()->full_name());
  event.set_payload(payload.SerializeAsString());
  return event;
}

order_v1::OrderCancelled CancelledOrder(order_v1::Order::State previous,
                                        order_v1::Order::CancelReason reason) {
  order_v1::OrderCancelled event;
  event.set_order(kOrder);
  event.set_customer(kAda);
  event.set_previous_state(previous);
  event.set_reason(reason);
  return event;
}

TEST(MessageForTest, WelcomesWhoRegistered) {
  auth_v1::UserRegistered event;
  event.set_user(kAda);
  const auto message = MessageFor(EventOf("auth", event));
  ASSERT_TRUE(message.ok() && message->has_value());
  EXPECT_EQ((*message)->message, "welcome");
  EXPECT_EQ((*message)->recipient, kAda);
  EXPECT_EQ((*message)->producer, "auth");
  EXPECT_EQ((*message)->idempotency_key, "0193f2c4-0000-7000-8000-000000000001");
}

TEST(MessageForTest, ConfirmsAnOrderWithItsLinesAndTotals) {
  order_v1::OrderPlaced event;
  event.set_order(kOrder);
  event.set_order_number("A-100042");
  event.set_customer(kGuest);
  event.set_locale("de-CH");
  auto* line = event.add_lines();
  line->set_title("Green tea");
  line->set_quantity(2);
  event.mutable_totals()->mutable_total()->set_minor_units(998);
  const auto message = MessageFor(EventOf("order", event));
  ASSERT_TRUE(message.ok() && message->has_value());
  EXPECT_EQ((*message)->message, "order_placed");
  EXPECT_EQ((*message)->subject, kOrder);
  EXPECT_EQ((*message)->locale, "de-CH");
  EXPECT_EQ((*message)->variables["lines"][0]["title"], "Green tea");
  EXPECT_EQ((*message)->variables["total"]["minor_units"], 998);
  EXPECT_EQ((*message)->variables["tax"], false);
}

TEST(MessageForTest, WarnsOfAStolenSessionOnly) {
  auth_v1::SessionRevoked event;
  event.set_principal(kAda);
  event.set_reason(auth_v1::SessionRevoked::REASON_LOGOUT);
  EXPECT_FALSE(MessageFor(EventOf("auth", event)).value().has_value());
  event.set_reason(auth_v1::SessionRevoked::REASON_REFRESH_TOKEN_REUSED);
  EXPECT_EQ(MessageFor(EventOf("auth", event)).value()->message, "refresh_token_reused");
  event.set_principal(kGuest);
  EXPECT_FALSE(MessageFor(EventOf("auth", event)).value().has_value());
}

TEST(MessageForTest, TellsOfACancellationTheCustomerHasNotSeen) {
  using order_v1::Order;
  const auto said = [](Order::State previous, Order::CancelReason reason) {
    return MessageFor(EventOf("order", CancelledOrder(previous, reason))).value().has_value();
  };
  EXPECT_TRUE(said(Order::STATE_PLACED, Order::CANCEL_REASON_CUSTOMER_REQUEST));
  EXPECT_TRUE(said(Order::STATE_PLACED, Order::CANCEL_REASON_CAPTURE_REFUSED));
  EXPECT_TRUE(said(Order::STATE_PENDING, Order::CANCEL_REASON_TIMED_OUT));
  EXPECT_FALSE(said(Order::STATE_PENDING, Order::CANCEL_REASON_PAYMENT_DECLINED));
  EXPECT_FALSE(said(Order::STATE_PENDING, Order::CANCEL_REASON_INSUFFICIENT_STOCK));
}

TEST(MessageForTest, IgnoresOtherEvents) {
  order_v1::PaymentCaptured event;
  EXPECT_FALSE(MessageFor(EventOf("order", event)).value().has_value());
}

TEST(MessageForTest, RefusesWhatIsNotWhatItsTypeSays) {
  arasta::events::v1::Envelope event = EventOf("order", order_v1::OrderPlaced());
  event.set_payload("\xff\xff garbage");
  EXPECT_EQ(ReasonOf(MessageFor(event).status()), "MALFORMED_EVENT");
}

TEST(MessageForTest, RefusesARecipientThatIsNoPrincipal) {
  auth_v1::UserRegistered event;
  for (const char* name : {"", "ada@shop.example", "users/", "users/1", "products/tea"}) {
    event.set_user(name);
    EXPECT_EQ(ReasonOf(MessageFor(EventOf("auth", event)).status()), "MALFORMED_EVENT") << name;
  }
}

}  // namespace
}  // namespace arasta::notification
