#include "common/base/errors.h"
#include "tests/integration/order/order_fixture.h"
#include "tests/support/eventually.h"

namespace arasta::order {
namespace {

class CancelOrderTest : public OrderFixture {
 protected:
  // Nothing charged, nothing held, whatever way it went.
  void ExpectUndone(const std::string& name) {
    const absl::StatusOr<v1::Order> order = Get(User(1), name);
    ASSERT_THAT(order, IsOk());
    EXPECT_EQ(order->state(), v1::Order::STATE_CANCELLED);
    EXPECT_EQ(order->payment().captured_amount().minor_units(),
              order->payment().refunded_amount().minor_units());
    EXPECT_EQ(catalog_.OnHand("tea"), 1000);
    EXPECT_EQ(catalog_.Available("tea"), 1000);
    EXPECT_EQ(BalanceOf("due_from_provider"), 0);
    EXPECT_EQ(BalanceOf("customer_holds"), 0);
    EXPECT_EQ(Count("sandbox_payments", "authorized > 0 AND NOT voided AND captured <> refunded"), 0);
    EXPECT_EQ(Count("sandbox_payments", "authorized > 0 AND NOT voided AND captured = 0"), 0);
    EXPECT_EQ(Events("OrderCancelled"), 1);
  }
};

TEST_F(CancelOrderTest, BeforeTheCaptureVoids) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  const absl::StatusOr<v1::Order> cancelled = Cancel(User(1), order->name());
  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->state(), v1::Order::STATE_CANCELLED);
  EXPECT_EQ(cancelled->cancel_reason(), v1::Order::CANCEL_REASON_CUSTOMER_REQUEST);
  Settle();
  ExpectUndone(order->name());
  EXPECT_EQ(Get(User(1), order->name())->payment().state(), v1::Payment::STATE_VOIDED);
  EXPECT_EQ(Events("PaymentRefunded"), 0);
}

// However many there are, one connection waits for the row's lock, and nobody in vain.
TEST_F(CancelOrderTest, ByManyAtOnceTakesTurns) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  const auto waiting = [this] {
    return database_.Value<int>(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
        "current_database()");
  };
  std::vector<std::jthread> requests;
  {
    pqxx::connection connection(database_.conninfo());
    pqxx::work driver(connection);
    driver.exec("SELECT FROM sagas FOR UPDATE");
    for (int i = 0; i < 50; ++i) {
      requests.emplace_back([&] { Cancel(User(1), order->name()).IgnoreError(); });
    }
    EXPECT_TRUE(testing::Eventually([&] { return waiting() > 0; }));
    for (int i = 0; i < 20; ++i) EXPECT_LE(waiting(), 1);
  }
  requests.clear();
  InParallel(50, [&](int) { EXPECT_THAT(Cancel(User(1), order->name()), IsOk()); });
  Settle();
  ExpectUndone(order->name());
}

TEST_F(CancelOrderTest, AfterTheCaptureRefunds) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  Settle();
  ASSERT_THAT(Cancel(User(1), order->name()), IsOk());
  Settle();
  ExpectUndone(order->name());
  EXPECT_EQ(Get(User(1), order->name())->payment().state(), v1::Payment::STATE_REFUNDED);
  EXPECT_EQ(BookOf(order->name()), "authorized 998 captured 998 refunded 998");
  EXPECT_EQ(Events("PaymentRefunded"), 1);
}

TEST_F(CancelOrderTest, DuringTheCaptureRefundsWhatWasTakenUnrecorded) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  disturbance_ = [&](const std::string& moment) {
    if (moment == "after capture") {
      disturbance_ = nullptr;
      EXPECT_THAT(Cancel(User(1), order->name()), IsOk());
    }
    return absl::OkStatus();
  };
  Settle();
  ExpectUndone(order->name());
  EXPECT_EQ(BookOf(order->name()), "authorized 998 captured 998 refunded 998");
  EXPECT_EQ(Events("PaymentCaptured"), 0);
}

// At whatever step of the placing the wish arrives, the order is not placed and nothing is kept.
TEST_F(CancelOrderTest, StopsAnOrderThatIsBeingPlaced) {
  for (const std::string at : {"before reserve", "after reserve", "after authorize", "after commit"}) {
    const v1::PlaceOrderRequest request = RequestFor(998);
    const std::string name =
        OrderId::Derive(User(1).principal().name, *Uuid::Parse(request.request_id())).ToName();
    disturbance_ = [this, at, name](const std::string& moment) {
      if (moment == at) {
        disturbance_ = nullptr;
        const Call hurried = User(1).WithDeadline(absl::Now() + absl::Seconds(2));
        const absl::StatusOr<v1::Order> asked = Cancel(hurried, name);
        EXPECT_THAT(asked, IsOk());
        EXPECT_EQ(asked->state(), v1::Order::STATE_PENDING);
      }
      return absl::OkStatus();
    };
    cart_store_.Remove(User(1), User(1).principal().name, "tea", absl::nullopt).IgnoreError();
    ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
    const absl::StatusOr<v1::Order> order = Place(User(1), request);
    ASSERT_THAT(order, IsOk()) << at;
    EXPECT_EQ(order->state(), v1::Order::STATE_CANCELLED) << at;
    Settle();
    EXPECT_EQ(catalog_.Available("tea"), 1000) << at;
    EXPECT_EQ(Count("sandbox_payments", "authorized > 0 AND NOT voided"), 0) << at;
  }
  EXPECT_EQ(Events("OrderPlaced"), 0);
}

TEST_F(CancelOrderTest, RacingTheCaptureNeverKeepsTheMoney) {
  for (int i = 0; i < 20; ++i) {
    const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
    ASSERT_THAT(order, IsOk());
    InParallel(2, [&](int thread) {
      if (thread == 0) {
        EXPECT_THAT(Cancel(User(1), order->name()), IsOk());
      } else {
        completer_.RunOnce();
      }
    });
  }
  Settle();
  EXPECT_EQ(Count("orders", "state = 'CANCELLED'"), 20);
  EXPECT_EQ(Count("sandbox_payments", "captured <> refunded OR (captured = 0 AND NOT voided)"), 0);
  EXPECT_EQ(Count("payments", "state NOT IN ('VOIDED', 'REFUNDED')"), 0);
  EXPECT_EQ(catalog_.OnHand("tea"), 1000);
}

TEST_F(CancelOrderTest, TwiceIsOnce) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  InParallel(8, [&](int) { EXPECT_THAT(Cancel(User(1), order->name()), IsOk()); });
  Settle();
  EXPECT_THAT(Cancel(User(1), order->name()), IsOk());
  ExpectUndone(order->name());
}

TEST_F(CancelOrderTest, WithAStaleEtagIsAborted) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  Settle();
  EXPECT_THAT(Cancel(User(1), order->name(), order->etag()), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Cancel(User(1), order->name(), "not ours"), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Cancel(User(1), order->name(), Get(User(1), order->name())->etag()), IsOk());
}

TEST_F(CancelOrderTest, OfAnothersOrderIsNotFound) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  EXPECT_THAT(Cancel(User(2), order->name()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(Get(User(1), order->name())->state(), v1::Order::STATE_PLACED);
}

TEST_F(CancelOrderTest, OfACompletedOrderTellsItsState) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  database_.Query("UPDATE orders SET state = 'COMPLETED'");
  const absl::StatusOr<v1::Order> refused = Cancel(User(1), order->name());
  EXPECT_THAT(refused, HasReason("ORDER_STATE"));
  EXPECT_EQ(MetadataOf(refused.status(), "state"), "COMPLETED");
}

}  // namespace
}  // namespace arasta::order
