#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/base/errors.h"
#include "tests/integration/order/order_fixture.h"

namespace arasta::order {
namespace {

class CartTest : public OrderFixture {};

TEST_F(CartTest, IsEmptyAtFirst) {
  const absl::StatusOr<v1::Cart> cart = CartOf(Guest(1));
  ASSERT_THAT(cart, IsOk());
  EXPECT_EQ(cart->lines_size(), 0);
  EXPECT_FALSE(cart->has_total());
  EXPECT_EQ(cart->channel(), "web");
}

TEST_F(CartTest, ShowsTodaysPricesAndWhatThereIs) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  ASSERT_THAT(Add(User(1), "cup", 1), IsOk());
  ASSERT_THAT(Add(User(1), "tea", 1), IsOk());
  catalog_.Put("tea", {.price = 510, .on_hand = 1});
  catalog_.Withdraw("cup");
  const absl::StatusOr<v1::Cart> cart = CartOf(User(1));
  ASSERT_THAT(cart, IsOk());
  ASSERT_EQ(cart->lines_size(), 2);
  EXPECT_EQ(cart->lines(0).quantity(), 3);
  EXPECT_EQ(cart->lines(0).added_unit_price().minor_units(), 499);
  EXPECT_EQ(cart->lines(0).unit_price().minor_units(), 510);
  EXPECT_EQ(cart->lines(0).availability(), v1::CartLine::AVAILABILITY_INSUFFICIENT);
  EXPECT_EQ(cart->lines(1).availability(), v1::CartLine::AVAILABILITY_WITHDRAWN);
  EXPECT_EQ(cart->total().minor_units(), 1530);
}

TEST_F(CartTest, AHundredAdditionsAtOnceAreAHundred) {
  InParallel(100, [&](int) { EXPECT_THAT(Add(User(1), "tea", 1), IsOk()); });
  EXPECT_EQ(LinesOf(User(1)), "tea×100");
}

TEST_F(CartTest, ARepeatedAdditionWithARequestIdCountsOnce) {
  const std::string id = Uuid::V4().ToString();
  InParallel(10, [&](int) { EXPECT_THAT(Add(User(1), "tea", 1, id), IsOk()); });
  EXPECT_EQ(LinesOf(User(1)), "tea×1");
  EXPECT_THAT(Add(User(1), "tea", 1, absl::AsciiStrToUpper(id)), IsOk());
  EXPECT_EQ(LinesOf(User(1)), "tea×1");
  EXPECT_THAT(Add(User(1), "tea", 2, id), HasReason("REQUEST_ID_REUSED"));
  EXPECT_THAT(Add(User(2), "tea", 2, id), IsOk());
}

TEST_F(CartTest, DoesNotTakeWhatTheCatalogDoesNotSell) {
  EXPECT_THAT(Add(User(1), "unobtainium", 1), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CartTest, DoesNotTakeWhatIsSoldInAnotherCurrency) {
  catalog_.Put("snuff", {.price = 100, .on_hand = 9, .currency = "USD"});
  const absl::StatusOr<v1::Cart> refused = Add(User(1), "snuff", 1);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused, HasReason("CURRENCY_MISMATCH"));
  EXPECT_EQ(MetadataOf(refused.status(), "sku"), "snuff");
  EXPECT_EQ(LinesOf(User(1)), "");
}

TEST_F(CartTest, DoesNotTakeWhatCouldOverflow) {
  catalog_.Put("moon", {.price = std::numeric_limits<int64_t>::max() / 2, .on_hand = 9});
  for (const int quantity : {1, 999}) {
    const absl::StatusOr<v1::Cart> refused = Add(User(1), "moon", quantity);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kOutOfRange));
    EXPECT_THAT(refused, HasReason("AMOUNT_OVERFLOW"));
    EXPECT_THAT(refused, HasViolation("sku"));
  }
  EXPECT_EQ(LinesOf(User(1)), "");
}

TEST_F(CartTest, FullOfTheDearestGoodsAddsUp) {
  for (int i = 0; i < kMaxCartLines; ++i) {
    catalog_.Put(absl::StrCat("sku-", i), {.price = kMaxUnitPrice, .on_hand = 999});
    ASSERT_THAT(Add(User(1), absl::StrCat("sku-", i), 999), IsOk());
  }
  EXPECT_EQ(CartOf(User(1))->total().minor_units(), kMaxUnitPrice * 999 * kMaxCartLines);
}

// What was put in at a good price and has a bad one now.
TEST_F(CartTest, ShowsWhatCannotBePaidAsWithdrawnAndDoesNotBuyIt) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  ASSERT_THAT(Add(User(1), "cup", 2), IsOk());
  for (const auto& [goods, reason] : std::vector<std::pair<FakeCatalog::Goods, std::string>>{
           {{.price = 1250, .on_hand = 9, .currency = "USD"}, "CURRENCY_MISMATCH"},
           {{.price = kMost, .on_hand = 9}, "AMOUNT_OVERFLOW"},
           {{.price = -1, .on_hand = 9}, "AMOUNT_OVERFLOW"}}) {
    catalog_.Put("cup", goods);
    const absl::StatusOr<v1::Cart> cart = Update(User(1), "cup", 3);
    ASSERT_THAT(cart, IsOk());
    EXPECT_EQ(cart->lines(1).availability(), v1::CartLine::AVAILABILITY_WITHDRAWN);
    EXPECT_FALSE(cart->lines(1).has_unit_price());
    EXPECT_FALSE(cart->lines(1).has_total());
    EXPECT_EQ(cart->total().currency_code(), "EUR");
    EXPECT_EQ(cart->total().minor_units(), 998);
    const absl::StatusOr<v1::Order> order = Place(User(1), RequestFor(998));
    EXPECT_THAT(order, HasReason(reason));
    EXPECT_EQ(MetadataOf(order.status(), "sku"), "cup");
  }
}

TEST_F(CartTest, OfAnUnknownChannelIsRefusedByName) {
  v1::AddCartItemRequest request;
  request.set_name("carts/me");
  request.set_sku("tea");
  request.set_quantity(1);
  request.set_channel("moon");
  EXPECT_THAT(carts_.AddCartItem(User(1), request), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(carts_.AddCartItem(User(1), request), HasViolation("channel"));
  request.set_channel("web");
  EXPECT_THAT(carts_.AddCartItem(User(1), request), IsOk());
}

TEST_F(CartTest, HasLimits) {
  ASSERT_THAT(Add(User(1), "tea", 999), IsOk());
  const absl::StatusOr<v1::Cart> full_line = Add(User(1), "tea", 1);
  EXPECT_THAT(full_line, HasReason("CART_FULL"));
  EXPECT_THAT(full_line, HasViolation("quantity"));
  for (int i = 1; i < kMaxCartLines; ++i) {
    catalog_.Put(absl::StrCat("sku-", i), {.price = 1, .on_hand = 1});
    ASSERT_THAT(Add(User(1), absl::StrCat("sku-", i), 1), IsOk());
  }
  const absl::StatusOr<v1::Cart> full_cart = Add(User(1), "cup", 1);
  EXPECT_THAT(full_cart, HasReason("CART_FULL"));
  EXPECT_THAT(full_cart, HasViolation("sku"));
  EXPECT_EQ(CartOf(User(1))->lines_size(), kMaxCartLines);
}

TEST_F(CartTest, SetsAndRemovesLines) {
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  ASSERT_THAT(Update(User(1), "tea", 7), IsOk());
  EXPECT_EQ(LinesOf(User(1)), "tea×7");
  EXPECT_THAT(Update(User(1), "cup", 7), StatusIs(absl::StatusCode::kNotFound));

  v1::RemoveCartItemRequest remove;
  remove.set_name("carts/me");
  remove.set_sku("tea");
  EXPECT_THAT(carts_.RemoveCartItem(User(1), remove), IsOk());
  EXPECT_THAT(carts_.RemoveCartItem(User(1), remove), IsOk());
  EXPECT_EQ(LinesOf(User(1)), "");
}

TEST_F(CartTest, AStaleEtagChangesNothing) {
  const absl::StatusOr<v1::Cart> cart = Add(User(1), "tea", 2);
  ASSERT_THAT(Add(User(1), "tea", 1), IsOk());
  EXPECT_THAT(Update(User(1), "tea", 7, cart->etag()), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(LinesOf(User(1)), "tea×3");
  EXPECT_THAT(Update(User(1), "tea", 7, CartOf(User(1))->etag()), IsOk());
}

TEST_F(CartTest, AnothersIsNotFound) {
  const absl::StatusOr<v1::Cart> cart = Add(User(1), "tea", 2);
  v1::GetCartRequest request;
  request.set_name(cart->name());
  EXPECT_THAT(carts_.GetCart(User(1), request), IsOk());
  EXPECT_THAT(carts_.GetCart(User(2), request), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CartTest, AGuestsIsMergedIntoTheUsersOnce) {
  ASSERT_THAT(Add(Guest(1), "tea", 2), IsOk());
  ASSERT_THAT(Add(Guest(1), "cup", 1), IsOk());
  ASSERT_THAT(Add(User(1), "tea", 3), IsOk());
  InParallel(10, [&](int) { EXPECT_THAT(CartOf(UserWhoWas(1, 1)), IsOk()); });
  EXPECT_EQ(CartOf(UserWhoWas(1, 1))->lines_size(), 2);
  EXPECT_EQ(Count("cart_lines", "sku = 'tea' AND quantity = 5"), 1);
  EXPECT_EQ(Count("cart_lines"), 2);
  EXPECT_EQ(LinesOf(Guest(1)), "");
}

TEST_F(CartTest, AMergeStopsAtTheLimits) {
  ASSERT_THAT(Add(Guest(1), "tea", 600), IsOk());
  ASSERT_THAT(Add(User(1), "tea", 600), IsOk());
  EXPECT_EQ(LinesOf(UserWhoWas(1, 1)), "tea×999");
}

// A guest's newest lines are those that the user has too: they are added up however full the cart gets.
TEST_F(CartTest, AMergeFillsTheCartAndAddsUpWhatBothHave) {
  const auto put = [this](const Call& call, int first, int count, int quantity) {
    for (int i = first; i < first + count; ++i) {
      catalog_.Put(absl::StrCat("sku-", i), {.price = 1, .on_hand = 1000});
      ASSERT_THAT(Add(call, absl::StrCat("sku-", i), quantity), IsOk());
    }
  };
  put(User(1), 0, 60, 1);
  put(Guest(1), 100, 90, 1);
  put(Guest(1), 0, 10, 4);
  EXPECT_EQ(CartOf(UserWhoWas(1, 1))->lines_size(), kMaxCartLines);
  EXPECT_EQ(Count("cart_lines", "quantity = 5"), 10);
  EXPECT_EQ(Count("cart_lines", "quantity = 1"), kMaxCartLines - 10);
}

TEST_F(CartTest, AGuestsThatIsBeingBoughtIsMergedWithoutWhatWasBought) {
  ASSERT_THAT(Add(Guest(1), "tea", 2), IsOk());
  disturbance_ = [this](const std::string& moment) {
    if (moment == "after authorize") {
      disturbance_ = nullptr;
      EXPECT_THAT(Add(Guest(1), "cup", 1), IsOk());
      EXPECT_EQ(LinesOf(UserWhoWas(1, 1)), "");
      EXPECT_THAT(Place(UserWhoWas(1, 1), RequestFor(998)), HasReason("CART_EMPTY"));
    }
    return absl::OkStatus();
  };
  v1::PlaceOrderRequest request = RequestFor(998);
  request.set_email("ada@example.org");
  ASSERT_THAT(Place(Guest(1), request), IsOk());
  EXPECT_EQ(LinesOf(UserWhoWas(1, 1)), "cup×1");
}

TEST_F(CartTest, WhatAGuestBringsDuringCheckoutIsNotWhatIsBought) {
  ASSERT_THAT(Add(Guest(1), "tea", 5), IsOk());
  ASSERT_THAT(Add(User(1), "tea", 2), IsOk());
  disturbance_ = [this](const std::string& moment) {
    if (moment == "after authorize") {
      disturbance_ = nullptr;
      v1::RemoveCartItemRequest remove;
      remove.set_name("carts/me");
      remove.set_sku("tea");
      EXPECT_THAT(carts_.RemoveCartItem(User(1), remove), IsOk());
      EXPECT_EQ(LinesOf(UserWhoWas(1, 1)), "tea×5");
    }
    return absl::OkStatus();
  };
  ASSERT_THAT(Place(User(1), RequestFor(998)), IsOk());
  EXPECT_EQ(LinesOf(User(1)), "tea×5");
}

TEST_F(CartTest, ForgetsRequestIdsAfterThreeDays) {
  ASSERT_THAT(Add(User(1), "tea", 1, Uuid::V4().ToString()), IsOk());
  ASSERT_THAT(Add(User(1), "tea", 1, Uuid::V4().ToString()), IsOk());
  database_.Query("UPDATE requests SET create_time = now() - interval '73 hours' WHERE ctid = '(0,1)'");
  ASSERT_THAT(cart_store_.PruneRequests(User(1)), IsOk());
  EXPECT_EQ(Count("requests"), 1);
}

}  // namespace
}  // namespace arasta::order
