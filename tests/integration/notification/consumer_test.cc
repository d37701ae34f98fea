// From a producer's outbox over Redis to the mail: what the bus and the intake promise together.
#include "common/events/consumer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/events/dead_letters.h"
#include "common/events/event_feed.h"
#include "common/events/outbox.h"
#include "common/events/relay.h"
#include "common/pg/transaction.h"
#include "services/notification/event_intake.h"
#include "services/notification/notification_admin_service.h"
#include "tests/integration/notification/shop.h"
#include "tests/support/call.h"
#include "tests/support/fake_clock.h"
#include "tests/support/matchers.h"
#include "tests/support/redis.h"

namespace arasta::notification {
namespace {

using arasta::testing::HasReason;
using arasta::testing::IsOk;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ConsumerTest : public ::testing::Test, protected Shop {
 protected:
  void Emit(const arasta::order::v1::OrderPlaced& order) {
    EXPECT_THAT(pg::InTransaction(producer_.pool(), AnyCall(),
                                  [&](pqxx::work& tx) {
                                    events::Append(tx, AnyCall(), {order.order(), ++version_, order});
                                    return absl::OkStatus();
                                  }),
                IsOk());
  }

  // Enough rounds for every retry of an event.
  void DeliverEvents() {
    for (int round = 0; round < 12; ++round) {
      ASSERT_TRUE(relay_.RunOnce().ok());
      ASSERT_TRUE(consumer_.RunOnce().ok());
      clock_.Advance(absl::Minutes(1));
    }
  }

  v1::ListDeadLettersResponse DeadLetters() {
    return admin_.ListDeadLetters(arasta::testing::StaffCall({"notification.read"}), {}).value();
  }

  FakeClock clock_{absl::Now()};
  bool broken_ = false;
  arasta::testing::TestRedis redis_server_;
  redis::Pool redis_{{.address = redis_server_.address()}};
  arasta::testing::TestDatabase producer_{{events::OutboxMigration()}};
  events::EventFeed feed_{producer_.pool(), "order"};
  events::Relay relay_{producer_.pool(), redis_, clock_, {.producer = "order"}};
  const EventIntake intake_{notifications_, renderer_};
  events::Consumer consumer_{
      {.consumer = "notification", .producers = {{"order", &feed_}}, .clock = &clock_},
      database_.pool(),
      redis_,
      [this](const Call& call, pqxx::work& tx, const events::v1::Envelope& event) -> absl::Status {
        if (broken_) return absl::InternalError("a bug of ours");
        return intake_.Apply(call, tx, event);
      }};
  events::DeadLetters dead_letters_{database_.pool()};
  NotificationAdminService admin_{deliveries_, dead_letters_, rpc::PageTokens("secret")};

 private:
  int64_t version_ = 0;
};

TEST_F(ConsumerTest, AnOrderBecomesOneMail) {
  Emit(PlacedOrder());
  DeliverEvents();
  SendAll();
  ASSERT_THAT(smtp_.mails(), SizeIs(1));
  EXPECT_EQ(smtp_.mails()[0].Header("Subject"), "Your order A-100042");
}

TEST_F(ConsumerTest, LosesNothingWhenRedisIsWiped) {
  Emit(PlacedOrder());
  ASSERT_TRUE(relay_.RunOnce().ok());
  ASSERT_TRUE(redis_.Command(absl::Now() + absl::Seconds(5), {"FLUSHALL"}).ok());
  consumer_.OnHeads(feed_.GetHeads(arasta::testing::PeerCall("notification"), {}).value());
  DeliverEvents();
  SendAll();
  EXPECT_THAT(smtp_.mails(), SizeIs(1));
}

TEST_F(ConsumerTest, APoisonEventGoesToDeadLettersAndHoldsNobodyElseUp) {
  arasta::order::v1::OrderPlaced poison = PlacedOrder();
  poison.mutable_totals()->mutable_total()->set_currency_code("<b>");
  Emit(poison);
  arasta::order::v1::OrderPlaced other = PlacedOrder();
  other.set_order("orders/0193f2c4-0000-7000-8000-0000000000b0");
  Emit(other);
  DeliverEvents();
  SendAll();
  EXPECT_THAT(smtp_.mails(), SizeIs(1));
  const v1::ListDeadLettersResponse letters = DeadLetters();
  ASSERT_THAT(letters.dead_letters(), SizeIs(1));
  EXPECT_EQ(letters.dead_letters(0).aggregate(), kOrder);
  EXPECT_EQ(letters.dead_letters(0).type(), "arasta.order.v1.OrderPlaced");
  EXPECT_EQ(letters.dead_letters(0).attempt_count(), 5);
}

TEST_F(ConsumerTest, ADeadLetterIsAppliedOnceTheBugIsGone) {
  broken_ = true;
  Emit(PlacedOrder());
  DeliverEvents();
  ASSERT_THAT(DeadLetters().dead_letters(), SizeIs(1));

  broken_ = false;
  v1::RedriveDeadLettersRequest request;
  request.add_names(DeadLetters().dead_letters(0).name());
  const auto response = admin_.RedriveDeadLetters(arasta::testing::StaffCall({"admin"}), request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->redriven_count(), 1);
  DeliverEvents();
  SendAll();
  EXPECT_THAT(DeadLetters().dead_letters(), IsEmpty());
  EXPECT_THAT(smtp_.mails(), SizeIs(1));
}

TEST_F(ConsumerTest, RefusesToRedriveWhatIsNoDeadLetter) {
  v1::RedriveDeadLettersRequest request;
  request.add_names("deadLetters/42");
  EXPECT_THAT(admin_.RedriveDeadLetters(arasta::testing::StaffCall({"admin"}), request).status(),
              HasReason("INVALID_FIELD"));
}

TEST_F(ConsumerTest, ListsDeliveriesForStaff) {
  Emit(PlacedOrder());
  DeliverEvents();
  smtp_.FailNext(Fault::kRecipient550);
  SendAll();
  v1::ListDeliveriesRequest request;
  request.set_subject(kOrder);
  request.set_state(v1::Delivery::STATE_BOUNCED);
  const auto response = admin_.ListDeliveries(arasta::testing::StaffCall({"notification.read"}), request);
  ASSERT_THAT(response, IsOk());
  ASSERT_THAT(response->deliveries(), SizeIs(1));
  const v1::Delivery& delivery = response->deliveries(0);
  EXPECT_EQ(delivery.channel(), v1::CHANNEL_EMAIL);
  EXPECT_EQ(delivery.reason(), "SMTP_550");
  ASSERT_THAT(delivery.attempts(), SizeIs(1));
  EXPECT_EQ(delivery.attempts(0).outcome(), v1::DeliveryAttempt::OUTCOME_PERMANENT_FAILURE);
  EXPECT_EQ(delivery.attempts(0).code(), 550);
  EXPECT_THAT(delivery.ShortDebugString(), ::testing::Not(::testing::HasSubstr("reader.example")));

  request.set_state(v1::Delivery::STATE_SENT);
  EXPECT_THAT(admin_.ListDeliveries(arasta::testing::StaffCall({"notification.read"}), request)->deliveries(),
              IsEmpty());
}

}  // namespace
}  // namespace arasta::notification
