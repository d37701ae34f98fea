#include "tests/integration/order/order_fixture.h"

namespace arasta::order {
namespace {

using ::testing::ElementsAre;

class ReadOrdersTest : public OrderFixture {
 protected:
  // The names of every page, one after another.
  std::vector<std::string> ListAll(const Call& call, int page_size) {
    std::vector<std::string> names;
    v1::ListOrdersRequest request;
    request.set_page_size(page_size);
    do {
      const absl::StatusOr<v1::ListOrdersResponse> page = orders_.ListOrders(call, request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return names;
      EXPECT_LE(page->orders_size(), page_size);
      for (const v1::Order& order : page->orders()) names.push_back(order.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
};

TEST_F(ReadOrdersTest, AnothersOrderIsNotFound) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  EXPECT_THAT(Get(User(1), order->name()), IsOk());
  EXPECT_THAT(Get(User(2), order->name()), StatusIs(absl::StatusCode::kNotFound));
  v1::ListOrderHistoryRequest request;
  request.set_parent(order->name());
  EXPECT_THAT(orders_.ListOrderHistory(User(2), request), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ReadOrdersTest, ListsNewestFirstPageByPage) {
  std::vector<std::string> placed;
  for (int i = 0; i < 7; ++i) placed.insert(placed.begin(), PlaceTea(User(1))->name());
  ASSERT_THAT(PlaceTea(User(2)), IsOk());
  EXPECT_EQ(ListAll(User(1), 3), placed);
  EXPECT_EQ(ListAll(User(1), 7), placed);
}

TEST_F(ReadOrdersTest, ListsWhatTheUserOrderedAsGuestToo) {
  ASSERT_THAT(Add(Guest(1), "tea", 2), IsOk());
  v1::PlaceOrderRequest request = RequestFor(998);
  request.set_email("ada@example.org");
  const absl::StatusOr<v1::Order> as_guest = Place(Guest(1), request);
  const absl::StatusOr<v1::Order> as_user = PlaceTea(User(1));
  EXPECT_THAT(ListAll(UserWhoWas(1, 1), 1), ElementsAre(as_user->name(), as_guest->name()));
  EXPECT_THAT(Get(UserWhoWas(1, 1), as_guest->name()), IsOk());
}

TEST_F(ReadOrdersTest, RefusesAPageTokenThatIsNotOurs) {
  for (int i = 0; i < 3; ++i) ASSERT_THAT(PlaceTea(User(1)), IsOk());
  v1::ListOrdersRequest request;
  request.set_page_size(1);
  request.set_page_token("garbage");
  EXPECT_THAT(orders_.ListOrders(User(1), request), StatusIs(absl::StatusCode::kInvalidArgument));
  request.clear_page_token();
  request.set_page_token(orders_.ListOrders(User(1), request)->next_page_token());
  EXPECT_THAT(orders_.ListOrders(User(1), request), IsOk());
  EXPECT_THAT(orders_.ListOrders(User(2), request), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ReadOrdersTest, HistoryTellsEveryMoveInOrder) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  Settle();
  ASSERT_THAT(Cancel(User(1), order->name()), IsOk());
  Settle();
  std::vector<std::string> moves;
  v1::ListOrderHistoryRequest request;
  request.set_parent(order->name());
  request.set_page_size(2);
  do {
    const absl::StatusOr<v1::ListOrderHistoryResponse> page = orders_.ListOrderHistory(User(1), request);
    ASSERT_THAT(page, IsOk());
    for (const v1::OrderHistoryEntry& entry : page->entries()) {
      moves.push_back(absl::StrCat(entry.sequence(), " ", entry.action(), " by ", entry.actor()));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  const std::string user = User(1).principal().name;
  EXPECT_THAT(moves, ElementsAre("1 CLAIMED by " + user, "2 PLACED by system", "3 CAPTURED by system",
                                 "4 CANCELLED by " + user, "5 REFUNDED by system"));
}

TEST_F(ReadOrdersTest, TheServingRoleCannotChangeHistoryOrLedger) {
  ASSERT_THAT(PlaceTea(User(1)), IsOk());
  pqxx::connection serving(database_.conninfo());
  for (const char* table : {"order_history", "ledger", "order_history_0", "ledger_15"}) {
    for (const std::string& sql :
         {absl::StrCat("DELETE FROM ", table), absl::StrCat("UPDATE ", table, " SET action = ''")}) {
      pqxx::work tx(serving);
      EXPECT_THROW(tx.exec(sql), pqxx::insufficient_privilege) << sql;
    }
  }
}

TEST_F(ReadOrdersTest, TellsNotificationHowToReachTheCustomer) {
  ASSERT_THAT(Add(Guest(1), "tea", 2), IsOk());
  v1::PlaceOrderRequest request = RequestFor(998);
  request.set_email("ada@example.org");
  const absl::StatusOr<v1::Order> order = Place(Guest(1), request);
  v1::GetOrderContactRequest contact_request;
  contact_request.set_name(order->name());
  const absl::StatusOr<v1::OrderContact> contact =
      orders_.GetOrderContact(testing::PeerCall("notification"), contact_request);
  ASSERT_THAT(contact, IsOk());
  EXPECT_EQ(contact->customer(), Guest(1).principal().name);
  EXPECT_EQ(contact->email(), "ada@example.org");
  EXPECT_EQ(contact->recipient(), "Ada Lovelace");
  EXPECT_EQ(contact->locale(), "en");
}

TEST_F(ReadOrdersTest, StuckOrdersShowLongestFirst) {
  disturbance_ = [](const std::string& moment) {
    return moment == "before capture" ? absl::UnavailableError("away") : absl::OkStatus();
  };
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) names.push_back(PlaceTea(User(1))->name());
  Settle();
  database_.Query(
      "UPDATE sagas s SET phase_time = now() - interval '1 day' + o.order_number * interval '1 millisecond' "
      "FROM orders o WHERE o.shard = s.shard AND o.order_id = s.order_id");
  std::vector<std::string> stuck;
  v1::ListStuckOrdersRequest request;
  request.set_page_size(2);
  do {
    const absl::StatusOr<v1::ListStuckOrdersResponse> page =
        orders_.ListStuckOrders(testing::StaffCall({"order.read"}), request);
    ASSERT_THAT(page, IsOk());
    for (const v1::StuckOrder& order : page->orders()) {
      stuck.push_back(order.name());
      EXPECT_EQ(order.step(), "CAPTURE");
      EXPECT_EQ(order.last_error(), "UNAVAILABLE");
      EXPECT_GT(order.attempts(), 0);
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(stuck, names);
  EXPECT_EQ(*saga_store_.CountStuck(User(1)), 3);
}

}  // namespace
}  // namespace arasta::order
