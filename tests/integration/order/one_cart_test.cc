// One cart and several requests to buy it: whatever comes between, its lines are bought once.
#include <atomic>

#include "common/base/errors.h"
#include "tests/integration/order/order_fixture.h"

namespace arasta::order {
namespace {

class OneCartTest : public OrderFixture {
 protected:
  static std::string NameFor(const v1::PlaceOrderRequest& request) {
    return OrderId::Derive(User(1).principal().name, *Uuid::Parse(request.request_id())).ToName();
  }

  // Does `work` at `moment`, undisturbed and once.
  void Once(const std::string& at, const std::function<void()>& work) {
    disturbance_ = [this, at, work](const std::string& moment) {
      if (moment == at) {
        disturbance_ = nullptr;
        work();
      }
      return absl::OkStatus();
    };
  }
};

TEST_F(OneCartTest, IsBoughtOnceByManyRequestsAtOnce) {
  constexpr int kRounds = 25;
  constexpr int kRequests = 8;
  for (int round = 1; round <= kRounds; ++round) {
    ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
    std::atomic<int> placed = 0;
    InParallel(kRequests, [&](int) {
      const absl::StatusOr<v1::Order> order = Place(User(1), RequestFor(998));
      placed += order.ok() ? 1 : 0;
      const std::string reason = ReasonOf(order.status());
      EXPECT_TRUE(order.ok() || reason == "ORDER_IN_PROGRESS" || reason == "CART_CHANGED" ||
                  reason == "CART_EMPTY")
          << order.status();
    });
    EXPECT_EQ(placed, 1);
    EXPECT_EQ(LinesOf(User(1)), "");
    Settle();
    EXPECT_EQ(Count("orders"), round) << "a refused request leaves no order";
    EXPECT_EQ(Count("sandbox_payments", "captured = 998"), round);
    EXPECT_EQ(catalog_.OnHand("tea"), 1000 - 2 * round);
  }
}

TEST_F(OneCartTest, WhileItIsBeingBoughtARefusalNamesTheOrder) {
  for (const std::string at : {"before reserve", "after authorize", "after commit"}) {
    ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
    const v1::PlaceOrderRequest request = RequestFor(998);
    absl::StatusOr<v1::Order> second;
    Once(at, [&] { second = Place(User(1), RequestFor(998)); });
    EXPECT_THAT(Place(User(1), request), IsOk());
    EXPECT_THAT(second, StatusIs(absl::StatusCode::kAborted)) << at;
    EXPECT_THAT(second, HasReason("ORDER_IN_PROGRESS")) << at;
    EXPECT_EQ(MetadataOf(second.status(), "order"), NameFor(request)) << at;
  }
  EXPECT_EQ(Count("orders"), 3);
}

TEST_F(OneCartTest, IsEmptyForTheNextRequestOnceItIsBought) {
  ASSERT_THAT(PlaceTea(User(1)), IsOk());
  EXPECT_THAT(Place(User(1), RequestFor(998)), HasReason("CART_EMPTY"));
  ASSERT_THAT(PlaceTea(User(1)), IsOk()) << "filled again, it is another purchase";
  EXPECT_EQ(Count("orders", "state = 'PLACED'"), 2);
}

TEST_F(OneCartTest, ThatChangesBetweenReadingAndClaimingIsNotBought) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  Once("before get variants", [&] { EXPECT_THAT(Add(User(1), "cup", 1), IsOk()); });
  EXPECT_THAT(Place(User(1), RequestFor(998)), HasReason("CART_CHANGED"));
  EXPECT_EQ(Count("orders"), 0);
  EXPECT_EQ(LinesOf(User(1)), "tea×2 cup×1");
}

TEST_F(OneCartTest, ThatIsBoughtBetweenReadingAndClaimingIsNotBoughtAgain) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  Once("before get variants", [&] { EXPECT_THAT(Place(User(1), RequestFor(998)), IsOk()); });
  EXPECT_THAT(Place(User(1), RequestFor(998)), HasReason("CART_CHANGED"));
  EXPECT_EQ(Count("orders"), 1);
}

TEST_F(OneCartTest, KeepsALineThatWasRemovedAndPutInAgainWhileItWasBought) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  Once("after authorize", [&] {
    v1::RemoveCartItemRequest remove;
    remove.set_name("carts/me");
    remove.set_sku("tea");
    EXPECT_THAT(carts_.RemoveCartItem(User(1), remove), IsOk());
    EXPECT_THAT(Add(User(1), "tea", 2), IsOk());
  });
  ASSERT_THAT(Place(User(1), RequestFor(998)), IsOk());
  EXPECT_EQ(LinesOf(User(1)), "tea×2");
}

TEST_F(OneCartTest, IsFreeAsItWasAfterADecline) {
  EXPECT_THAT(PlaceTea(User(1), "tok_decline"), HasReason("PAYMENT_DECLINED"));
  EXPECT_EQ(LinesOf(User(1)), "tea×2");
  EXPECT_THAT(Place(User(1), RequestFor(998)), IsOk());
  EXPECT_EQ(LinesOf(User(1)), "");
}

TEST_F(OneCartTest, IsFreeAsItWasAfterACancelledPlacing) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  const v1::PlaceOrderRequest request = RequestFor(998);
  Once("after authorize", [&] {
    const Call hurried = User(1).WithDeadline(absl::Now() + absl::Seconds(2));
    EXPECT_THAT(Cancel(hurried, NameFor(request)), IsOk());
    EXPECT_THAT(Place(User(1), RequestFor(998)), HasReason("ORDER_IN_PROGRESS"));
  });
  const absl::StatusOr<v1::Order> cancelled = Place(User(1), request);
  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->state(), v1::Order::STATE_CANCELLED);
  EXPECT_THAT(Place(User(1), RequestFor(998)), IsOk());
  EXPECT_EQ(Count("orders", "state = 'PLACED'"), 1);
}

TEST_F(OneCartTest, IsLockedByADeadProcessUntilTheCompleterHasDecided) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  DieOnceAt("before reserve");
  EXPECT_THROW(Place(User(1), RequestFor(998)).IgnoreError(), Died);
  EXPECT_THAT(Place(User(1), RequestFor(998)), HasReason("ORDER_IN_PROGRESS"));
  Settle();
  EXPECT_THAT(Place(User(1), RequestFor(998)), HasReason("CART_EMPTY"));
  EXPECT_EQ(Count("orders", "state = 'PLACED'"), 1);
}

TEST_F(OneCartTest, KeepsWhatIsAddedDuringCheckoutForTheNextOrder) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  Once("after authorize", [&] { EXPECT_THAT(Add(User(1), "tea", 1), IsOk()); });
  ASSERT_THAT(Place(User(1), RequestFor(998)), IsOk());
  EXPECT_THAT(Place(User(1), RequestFor(499)), IsOk());
  EXPECT_EQ(catalog_.OnHand("tea"), 997);
}

}  // namespace
}  // namespace arasta::order
