#include <atomic>
#include <set>

#include "absl/strings/ascii.h"
#include "common/base/errors.h"
#include "tests/integration/order/order_fixture.h"

namespace arasta::order {
namespace {

using ::testing::Each;
using ::testing::SizeIs;

class PlaceOrderTest : public OrderFixture {};

TEST_F(PlaceOrderTest, BuysTheCartAtTheCatalogsPrices) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  ASSERT_THAT(Add(User(1), "cup", 1), IsOk());
  const absl::StatusOr<v1::Order> order = Place(User(1), RequestFor(2248));
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->state(), v1::Order::STATE_PLACED);
  EXPECT_EQ(order->totals().total().minor_units(), 2248);
  EXPECT_EQ(order->payment().state(), v1::Payment::STATE_AUTHORIZED);
  EXPECT_THAT(order->order_number(), ::testing::StartsWith("A-"));
  EXPECT_THAT(order->lines(), SizeIs(2));
  EXPECT_EQ(order->shipping_address().recipient(), "Ada Lovelace");
  EXPECT_EQ(LinesOf(User(1)), "");
  EXPECT_EQ(catalog_.OnHand("tea"), 998);
}

TEST_F(PlaceOrderTest, CapturesOffTheReply) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(BookOf(order->name()), "authorized 998 captured 0 refunded 0");
  EXPECT_EQ(completer_.RunOnce(), 1);
  EXPECT_EQ(BookOf(order->name()), "authorized 998 captured 998 refunded 0");
  EXPECT_EQ(Get(User(1), order->name())->payment().state(), v1::Payment::STATE_CAPTURED);
  EXPECT_EQ(Count("sagas", "phase <> 'SETTLED'"), 0);
  EXPECT_EQ(BalanceOf("due_from_provider"), 998);
  EXPECT_EQ(BalanceOf("customer_holds"), 0);
}

TEST_F(PlaceOrderTest, TellsTheBusOnce) {
  ASSERT_THAT(PlaceTea(User(1)), IsOk());
  Settle();
  EXPECT_EQ(Events("OrderPlaced"), 1);
  EXPECT_EQ(Events("PaymentCaptured"), 1);
  EXPECT_EQ(Events("OrderCancelled"), 0);
}

TEST_F(PlaceOrderTest, FiftyIdenticalRequestsAreOneOrderAndOneCharge) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  const v1::PlaceOrderRequest request = RequestFor(998);
  std::vector<std::string> names(50);
  InParallel(50, [&](int i) {
    const absl::StatusOr<v1::Order> order = Place(User(1), request);
    names[i] = order.ok() ? order->name() : order.status().ToString();
  });
  EXPECT_THAT(names, Each(names[0]));
  EXPECT_THAT(names[0], ::testing::StartsWith("orders/"));
  Settle();
  EXPECT_EQ(Count("orders"), 1);
  EXPECT_EQ(Count("sandbox_payments"), 1);
  EXPECT_EQ(BookOf(names[0]), "authorized 998 captured 998 refunded 0");
  EXPECT_EQ(catalog_.OnHand("tea"), 998);
}

TEST_F(PlaceOrderTest, RefusesTheSameRequestIdWithAnotherBody) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  v1::PlaceOrderRequest request = RequestFor(998);
  ASSERT_THAT(Place(User(1), request), IsOk());
  request.mutable_shipping_address()->set_locality("Paris");
  EXPECT_THAT(Place(User(1), request), HasReason("REQUEST_ID_REUSED"));
}

TEST_F(PlaceOrderTest, TakesARequestIdInCapitalsForTheSame) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  v1::PlaceOrderRequest request = RequestFor(998);
  const absl::StatusOr<v1::Order> first = Place(User(1), request);
  ASSERT_THAT(first, IsOk());
  request.set_request_id(absl::AsciiStrToUpper(request.request_id()));
  const absl::StatusOr<v1::Order> second = Place(User(1), request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->name(), first->name());
}

TEST_F(PlaceOrderTest, RefusesByNameWhatNoCartCanBe) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  v1::PlaceOrderRequest request = RequestFor(-1);
  EXPECT_THAT(Place(User(1), request), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Place(User(1), request), HasViolation("expected_total.minor_units"));
  request = RequestFor(998);
  request.set_channel("moon");
  EXPECT_THAT(Place(User(1), request), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Place(User(1), request), HasViolation("channel"));
  EXPECT_EQ(Count("orders"), 0);
}

TEST_F(PlaceOrderTest, BuysACartInItsOwnChannelOnly) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  v1::PlaceOrderRequest request = RequestFor(998);
  request.set_channel("eu");
  EXPECT_THAT(Place(User(1), request), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Place(User(1), request), HasReason("CHANNEL_MISMATCH"));
  EXPECT_EQ(Count("orders"), 0);
  request.set_channel("web");
  EXPECT_THAT(Place(User(1), request), IsOk());
}

TEST_F(PlaceOrderTest, AnotherCustomersSameRequestIdIsIndependent) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  ASSERT_THAT(Add(User(2), "tea", 2), IsOk());
  const v1::PlaceOrderRequest request = RequestFor(998);
  const absl::StatusOr<v1::Order> first = Place(User(1), request);
  const absl::StatusOr<v1::Order> second = Place(User(2), request);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(first->name(), second->name());
}

TEST_F(PlaceOrderTest, ADeclineStaysTheSameForEver) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  const v1::PlaceOrderRequest request = RequestFor(998, "tok_insufficient_funds");
  for (int i = 0; i < 3; ++i) {
    const absl::StatusOr<v1::Order> order = Place(User(1), request);
    EXPECT_THAT(order, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(order, HasReason("PAYMENT_DECLINED"));
    EXPECT_EQ(MetadataOf(order.status(), "decline_code"), "INSUFFICIENT_FUNDS");
    Settle();
  }
  EXPECT_EQ(Count("orders", "state = 'CANCELLED'"), 1);
  EXPECT_EQ(Count("sandbox_payments"), 0);
  EXPECT_EQ(catalog_.Available("tea"), 1000);
  EXPECT_EQ(Count("sagas", "phase <> 'SETTLED'"), 0);
  EXPECT_EQ(Count("ledger"), 0);
  EXPECT_EQ(LinesOf(User(1)), "tea×2") << "what could not be bought stays in the cart";
}

TEST_F(PlaceOrderTest, LackOfStockStaysTheSameForEverAndHoldsNothing) {
  ASSERT_THAT(Add(User(1), "cup", 1), IsOk());
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  catalog_.Put("tea", {.price = 499, .on_hand = 1});
  const v1::PlaceOrderRequest request = RequestFor(2248);
  for (int i = 0; i < 2; ++i) {
    const absl::StatusOr<v1::Order> order = Place(User(1), request);
    EXPECT_THAT(order, HasReason("INSUFFICIENT_STOCK"));
    EXPECT_EQ(MetadataOf(order.status(), "sku"), "tea");
    EXPECT_EQ(MetadataOf(order.status(), "available"), "1");
    catalog_.Put("tea", {.price = 499, .on_hand = 100});
  }
  EXPECT_EQ(catalog_.Available("cup"), 1000);
  EXPECT_EQ(Count("sandbox_operations"), 0);
}

TEST_F(PlaceOrderTest, TellsTheNewTotalWhenThePriceHasChanged) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  catalog_.Put("tea", {.price = 600, .on_hand = 10});
  const absl::StatusOr<v1::Order> order = Place(User(1), RequestFor(998));
  EXPECT_THAT(order, StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(order, HasReason("CART_CHANGED"));
  EXPECT_EQ(MetadataOf(order.status(), "total_minor_units"), "1200");
  EXPECT_EQ(Count("orders"), 0);
}

TEST_F(PlaceOrderTest, RefusesACardNumberAndKeepsItNowhere) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  const absl::StatusOr<v1::Order> order = Place(User(1), RequestFor(998, "4111 1111 1111 1111"));
  EXPECT_THAT(order, HasReason("CARD_NUMBER"));
  EXPECT_THAT(order.status().ToString(), ::testing::Not(::testing::HasSubstr("4111")));
  EXPECT_EQ(Count("orders"), 0);
}

TEST_F(PlaceOrderTest, ForgetsThePaymentTokenOnceDecided) {
  ASSERT_THAT(PlaceTea(User(1)), IsOk());
  EXPECT_EQ(Count("payments", "token <> ''"), 0);
}

TEST_F(PlaceOrderTest, RefusesAnEmptyCartAndWithdrawnGoods) {
  EXPECT_THAT(Place(User(1), RequestFor(0)), HasReason("CART_EMPTY"));
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  catalog_.Withdraw("tea");
  EXPECT_THAT(Place(User(1), RequestFor(998)), HasReason("ITEM_WITHDRAWN"));
}

TEST_F(PlaceOrderTest, AsksGuestsForAnAddressToWriteTo) {
  ASSERT_THAT(Add(Guest(1), "tea", 2), IsOk());
  v1::PlaceOrderRequest request = RequestFor(998);
  for (const char* email : {"", "ada", "ada@", "@example.org", "a@b@c", "a@b", "ad\xc3\xa4@example.org",
                            "\"a\"@example.org", "ada@127.0.0.1", "ada@example.org\r\nBcc: x@y"}) {
    request.set_email(email);
    EXPECT_THAT(Place(Guest(1), request), HasReason("INVALID_FIELD")) << email;
    EXPECT_THAT(Place(Guest(1), request), HasViolation("email")) << email;
  }
  request.set_email(
      " Ada@b\xc3\xbc"
      "cher.example ");
  const absl::StatusOr<v1::Order> order = Place(Guest(1), request);
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->email(),
            "Ada@b\xc3\xbc"
            "cher.example");
}

TEST_F(PlaceOrderTest, ATimeoutAfterTheChargeIsChargedOnce) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1), "tok_timeout_after_execute");
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->state(), v1::Order::STATE_PLACED);
  Settle();
  EXPECT_EQ(BookOf(order->name()), "authorized 998 captured 998 refunded 0");
  EXPECT_EQ(Count("sandbox_operations", "action = 'AUTHORIZE'"), 1);
}

TEST_F(PlaceOrderTest, WhatIsAddedDuringCheckoutStaysInTheCart) {
  disturbance_ = [this](const std::string& moment) {
    if (moment == "after authorize") {
      disturbance_ = nullptr;
      EXPECT_THAT(Add(User(1), "tea", 3), IsOk());
      EXPECT_THAT(Add(User(1), "cup", 1), IsOk());
    }
    return absl::OkStatus();
  };
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->totals().total().minor_units(), 998);
  EXPECT_EQ(LinesOf(User(1)), "tea×3 cup×1");
}

TEST_F(PlaceOrderTest, HoldsNoTransactionWhileTheProviderIsAsked) {
  int64_t open = -1;
  disturbance_ = [&](const std::string& moment) {
    if (moment == "before authorize") {
      open = database_.Value<int64_t>(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
          "pg_backend_pid() "
          "AND xact_start IS NOT NULL");
    }
    return absl::OkStatus();
  };
  ASSERT_THAT(PlaceTea(User(1)), IsOk());
  EXPECT_EQ(open, 0);
}

TEST_F(PlaceOrderTest, AnswersPendingWhileTheCatalogIsAwayAndIsPlacedLater) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  disturbance_ = [](const std::string& moment) {
    return moment == "before reserve" ? absl::UnavailableError("away") : absl::OkStatus();
  };
  const v1::PlaceOrderRequest request = RequestFor(998);
  const Call hurried = User(1).WithDeadline(absl::Now() + absl::Seconds(3));
  const absl::StatusOr<v1::Order> order = Place(hurried, request);
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->state(), v1::Order::STATE_PENDING);
  disturbance_ = nullptr;
  Settle();
  EXPECT_EQ(Place(User(1), request)->state(), v1::Order::STATE_PLACED);
  EXPECT_EQ(Count("orders"), 1);
}

TEST_F(PlaceOrderTest, GivesUpAnOrderThatStaysUndecidedAndChargesNothing) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  disturbance_ = [](const std::string& moment) {
    return moment == "after authorize" ? absl::DeadlineExceededError("no answer") : absl::OkStatus();
  };
  const Call hurried = User(1).WithDeadline(absl::Now() + absl::Seconds(3));
  const absl::StatusOr<v1::Order> order = Place(hurried, RequestFor(998));
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->state(), v1::Order::STATE_PENDING);
  database_.Query("UPDATE sagas SET phase_time = now() - interval '16 minutes'");
  Settle();
  EXPECT_EQ(Get(User(1), order->name())->cancel_reason(), v1::Order::CANCEL_REASON_TIMED_OUT);
  EXPECT_EQ(BookOf(order->name()), "authorized 998 captured 0 refunded 0 voided");
  EXPECT_EQ(catalog_.Available("tea"), 1000);
}

TEST_F(PlaceOrderTest, ARefusedCaptureCancelsWithNotice) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1), "tok_capture_refused");
  ASSERT_THAT(order, IsOk());
  Settle();
  const absl::StatusOr<v1::Order> now = Get(User(1), order->name());
  EXPECT_EQ(now->state(), v1::Order::STATE_CANCELLED);
  EXPECT_EQ(now->cancel_reason(), v1::Order::CANCEL_REASON_CAPTURE_REFUSED);
  EXPECT_EQ(now->payment().state(), v1::Payment::STATE_VOIDED);
  EXPECT_EQ(Events("OrderCancelled"), 1);
  EXPECT_EQ(catalog_.OnHand("tea"), 1000);
}

TEST_F(PlaceOrderTest, NumbersAreUniqueUnderManyPlacementsAtOnce) {
  constexpr int kBuyers = 60;
  for (int i = 0; i < kBuyers; ++i) ASSERT_THAT(Add(User(i), "tea", 1), IsOk());
  std::atomic<int> placed = 0;
  InParallel(kBuyers, [&](int i) { placed += Place(User(i), RequestFor(499)).ok() ? 1 : 0; });
  EXPECT_EQ(placed, kBuyers);
  EXPECT_EQ(database_.Value<int>("SELECT count(DISTINCT order_number) FROM orders"), kBuyers);
}

TEST_F(PlaceOrderTest, TwoBuyersOfTheLastOneAreOneOrderAndOneRefusal) {
  catalog_.Put("vase", {.price = 100, .on_hand = 1});
  ASSERT_THAT(Add(User(1), "vase", 1), IsOk());
  ASSERT_THAT(Add(User(2), "vase", 1), IsOk());
  std::atomic<int> placed = 0, refused = 0;
  InParallel(2, [&](int i) {
    const absl::StatusOr<v1::Order> order = Place(User(i + 1), RequestFor(100));
    placed += order.ok() ? 1 : 0;
    refused += ReasonOf(order.status()) == "INSUFFICIENT_STOCK" ? 1 : 0;
  });
  EXPECT_EQ(placed, 1);
  EXPECT_EQ(refused, 1);
}

}  // namespace
}  // namespace arasta::order
