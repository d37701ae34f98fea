// The process dies at every moment of a checkout, and whoever comes next makes it right. Each of the
// sentences above Checkout::Complete has its test here.
#include "tests/integration/order/order_fixture.h"

namespace arasta::order {
namespace {

class CrashTest : public OrderFixture, public ::testing::WithParamInterface<const char*> {
 protected:
  // Places two teas with a process that dies on the way, if it gets that far.
  void PlaceAndDie(const v1::PlaceOrderRequest& request) {
    ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
    DieOnceAt(GetParam());
    try {
      Place(User(1), request).IgnoreError();
      completer_.RunOnce();
    } catch (const Died&) {
    }
    EXPECT_FALSE(disturbance_) << "never came to " << GetParam();
    while (left_over_.TryPop()) {
    }
  }

  std::string OnlyOrder() { return database_.Value<std::string>("SELECT 'orders/' || order_id FROM orders"); }
  int64_t GapsInHistory() {
    return database_.Value<int64_t>(
        "SELECT count(*) FROM orders o WHERE version <> (SELECT count(*) FROM order_history h WHERE h.shard "
        "= o.shard "
        "AND h.order_id = o.order_id)");
  }
};

using PlacingCrashTest = CrashTest;

TEST_P(PlacingCrashTest, IsPlacedAndCapturedOnceByTheCompleter) {
  PlaceAndDie(RequestFor(998));
  Settle();
  const absl::StatusOr<v1::Order> order = Get(User(1), OnlyOrder());
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->state(), v1::Order::STATE_PLACED);
  EXPECT_EQ(order->payment().state(), v1::Payment::STATE_CAPTURED);
  EXPECT_EQ(BookOf(order->name()), "authorized 998 captured 998 refunded 0");
  EXPECT_EQ(catalog_.OnHand("tea"), 998);
  EXPECT_EQ(catalog_.Available("tea"), 998);
  EXPECT_EQ(Events("OrderPlaced"), 1);
  EXPECT_EQ(Events("PaymentCaptured"), 1);
  EXPECT_EQ(GapsInHistory(), 0);
  EXPECT_EQ(LinesOf(User(1)), "");
}

TEST_P(PlacingCrashTest, IsPlacedOnceByARepeat) {
  const v1::PlaceOrderRequest request = RequestFor(998);
  PlaceAndDie(request);
  database_.Query("UPDATE sagas SET due_time = now() - interval '1 second'");
  const absl::StatusOr<v1::Order> order = Place(User(1), request);
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->state(), v1::Order::STATE_PLACED);
  EXPECT_EQ(Count("orders"), 1);
  Settle();
  EXPECT_EQ(BookOf(order->name()), "authorized 998 captured 998 refunded 0");
}

INSTANTIATE_TEST_SUITE_P(EveryMoment, PlacingCrashTest,
                         ::testing::Values("before reserve", "after reserve", "before authorize",
                                           "after authorize", "before commit", "after commit",
                                           "before capture", "after capture"));

using DecliningCrashTest = CrashTest;

TEST_P(DecliningCrashTest, EndsCancelledWithNothingHeld) {
  PlaceAndDie(RequestFor(998, "tok_decline"));
  Settle();
  const absl::StatusOr<v1::Order> order = Get(User(1), OnlyOrder());
  EXPECT_EQ(order->state(), v1::Order::STATE_CANCELLED);
  EXPECT_EQ(order->cancel_reason(), v1::Order::CANCEL_REASON_PAYMENT_DECLINED);
  EXPECT_EQ(BookOf(order->name()), "nothing");
  EXPECT_EQ(catalog_.Available("tea"), 1000);
  EXPECT_EQ(Events("OrderCancelled"), 1);
  EXPECT_EQ(GapsInHistory(), 0);
}

INSTANTIATE_TEST_SUITE_P(EveryMoment, DecliningCrashTest,
                         ::testing::Values("before reserve", "after reserve", "before authorize",
                                           "after authorize", "before release", "after release"));

using UnwindingCrashTest = CrashTest;

TEST_P(UnwindingCrashTest, GivesEverythingBackOnce) {
  PlaceAndDie(RequestFor(998, "tok_capture_refused"));
  Settle();
  const absl::StatusOr<v1::Order> order = Get(User(1), OnlyOrder());
  EXPECT_EQ(order->state(), v1::Order::STATE_CANCELLED);
  EXPECT_EQ(order->payment().state(), v1::Payment::STATE_VOIDED);
  EXPECT_EQ(BookOf(order->name()), "authorized 998 captured 0 refunded 0 voided");
  EXPECT_EQ(catalog_.OnHand("tea"), 1000);
  EXPECT_EQ(BalanceOf("customer_holds"), 0);
  EXPECT_EQ(GapsInHistory(), 0);
}

INSTANTIATE_TEST_SUITE_P(EveryMoment, UnwindingCrashTest,
                         ::testing::Values("before capture", "after capture", "before release",
                                           "after release", "before void", "after void"));

// The driver sleeps at `moment` while another takes over and settles the order; then it wakes.
using ZombieTest = CrashTest;

TEST_P(ZombieTest, WithAnOldLeaseWritesNothing) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  disturbance_ = [this](const std::string& moment) {
    if (moment == GetParam()) {
      disturbance_ = nullptr;
      Settle();
    }
    return absl::OkStatus();
  };
  const absl::StatusOr<v1::Order> order = Place(User(1), RequestFor(998));
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->payment().state(), v1::Payment::STATE_CAPTURED);
  EXPECT_EQ(BookOf(order->name()), "authorized 998 captured 998 refunded 0");
  EXPECT_EQ(Events("OrderPlaced"), 1);
  EXPECT_EQ(Events("OrderCancelled"), 0);
  EXPECT_EQ(GapsInHistory(), 0);
  EXPECT_EQ(catalog_.OnHand("tea"), 998);
}

INSTANTIATE_TEST_SUITE_P(EveryMoment, ZombieTest,
                         ::testing::Values("before reserve", "after reserve", "before authorize",
                                           "after authorize", "before commit", "after commit"));

// A driver that cancels, is left in doubt of its commit and goes on: the commit must not come afterwards.
using LateCommitTest = CrashTest;

TEST_P(LateCommitTest, IsRefusedOnceTheDriverHasGoneOn) {
  PlaceAndDie(RequestFor(998));
  database_.Query("UPDATE sagas SET due_time = now() - interval '1 second'");
  const Call call = User(1);
  const auto lease = saga_store_.Acquire(call, OrderId::FromName(OnlyOrder()).value());
  ASSERT_THAT(lease, IsOk());
  const auto snapshot = saga_store_.Load(call, **lease);
  ASSERT_THAT(snapshot, IsOk());
  const Saga refused =
      Advance(Resume((*snapshot)->record, true),
              {SagaEvent::Kind::kRefused, {.reason = CancelReason::kInsufficientStock, .sku = "tea"}});
  const auto renewed = saga_store_.Renew(call, **lease);
  ASSERT_THAT(renewed, IsOk());
  ASSERT_TRUE(renewed->has_value());
  EXPECT_THAT(saga_store_.Write(call, **lease, **snapshot, refused), testing::IsOkAndHolds(false));
  EXPECT_FALSE(saga_store_.Renew(call, **lease).value().has_value()) << "the lease was lost by renewing it";
  Settle();
  EXPECT_EQ(Get(call, OnlyOrder())->state(), v1::Order::STATE_PLACED);
}

INSTANTIATE_TEST_SUITE_P(BeforeTheFirstStep, LateCommitTest, ::testing::Values("before reserve"));

}  // namespace
}  // namespace arasta::order
