#include "services/notification/event_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arasta/auth/v1/auth_events.pb.h"
#include "arasta/order/v1/order_events.pb.h"
#include "common/pg/transaction.h"
#include "tests/integration/notification/shop.h"
#include "tests/support/matchers.h"

namespace arasta::notification {
namespace {

using arasta::testing::HasReason;
using arasta::testing::IsOk;
using ::testing::SizeIs;

class EventIntakeTest : public ::testing::Test, protected Shop {
 protected:
  absl::Status Apply(const arasta::events::v1::Envelope& event) {
    const EventIntake intake(notifications_, renderer_);
    return pg::InTransaction(database_.pool(), AnyCall(),
                             [&](pqxx::work& tx) { return intake.Apply(AnyCall(), tx, event); });
  }

  int Accepted() { return database_.Value<int>("SELECT count(*) FROM delivery"); }
};

TEST_F(EventIntakeTest, AcceptsAnEventOnceHoweverOftenItComes) {
  const arasta::events::v1::Envelope event = EventOf("order", PlacedOrder());
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Apply(event), IsOk());
  EXPECT_EQ(Accepted(), 1);
  SendAll();
  ASSERT_THAT(smtp_.mails(), SizeIs(1));
  EXPECT_EQ(smtp_.mails()[0].Header("Subject"), "Your order A-100042");
}

TEST_F(EventIntakeTest, PassesOverEventsThatMeanNoMail) {
  EXPECT_THAT(Apply(EventOf("order", arasta::order::v1::PaymentCaptured())), IsOk());
  EXPECT_EQ(Accepted(), 0);
}

TEST_F(EventIntakeTest, AcceptsNothingThatNoMailCanBeWrittenFrom) {
  arasta::order::v1::OrderPlaced order = PlacedOrder();
  order.mutable_totals()->mutable_total()->set_currency_code("<b>");
  EXPECT_THAT(Apply(EventOf("order", order)), HasReason("INVALID_FIELD"));
  order = PlacedOrder();
  order.set_customer("ada@reader.example");
  EXPECT_THAT(Apply(EventOf("order", order)), HasReason("MALFORMED_EVENT"));
  EXPECT_EQ(Accepted(), 0);
}

TEST_F(EventIntakeTest, KeepsTheTraceOfTheEvent) {
  const Call call = AnyCall();
  const EventIntake intake(notifications_, renderer_);
  EXPECT_THAT(pg::InTransaction(
                  database_.pool(), call,
                  [&](pqxx::work& tx) { return intake.Apply(call, tx, EventOf("order", PlacedOrder())); }),
              IsOk());
  const ClaimedDelivery claimed = deliveries_.Claim(AnyCall(), absl::Minutes(1)).value().value();
  EXPECT_EQ(trace::Context::Parse(claimed.traceparent)->trace_id(), call.trace().trace_id());
}

TEST_F(EventIntakeTest, PutsSecurityBeforeOrders) {
  arasta::auth::v1::RegistrationRepeated repeated;
  repeated.set_user(kAda);
  EXPECT_THAT(Apply(EventOf("auth", repeated)), IsOk());
  EXPECT_THAT(Apply(EventOf("order", PlacedOrder())), IsOk());
  EXPECT_EQ(database_.Value<int>("SELECT priority FROM delivery JOIN notification ON notification.id = "
                                 "notification_id WHERE template = 'registration_repeated'"),
            1);
  EXPECT_EQ(database_.Value<int>("SELECT priority FROM delivery JOIN notification ON notification.id = "
                                 "notification_id WHERE template = 'order_placed'"),
            2);
}

}  // namespace
}  // namespace arasta::notification
