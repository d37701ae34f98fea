// A shop on a database of its own, and the language its tests are written in.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/uuid.h"
#include "common/events/outbox.h"
#include "gmock/gmock.h"
#include "order_migrations.h"
#include "services/order/cart_service.h"
#include "services/order/completer.h"
#include "services/order/order_service.h"
#include "services/order/sandbox_provider.h"
#include "tests/integration/order/fakes.h"
#include "tests/support/call.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"

namespace arasta::order {

using testing::HasReason;
using testing::HasViolation;
using testing::IsOk;
using testing::StatusIs;

inline std::vector<pg::Migration> AllMigrations() {
  std::vector<pg::Migration> migrations = Migrations();
  migrations.push_back(events::OutboxMigration());
  return migrations;
}

class OrderFixture : public ::testing::Test {
 protected:
  OrderFixture() {
    catalog_.Put("tea", {.price = 499, .on_hand = 1000});
    catalog_.Put("cup", {.price = 1250, .on_hand = 1000});
  }

  static Call User(int number) {
    return testing::UserCall(absl::StrFormat("00000000-0000-4000-8000-%012d", number));
  }
  static Call Guest(int number) {
    return testing::GuestCall(absl::StrFormat("00000000-0000-4000-9000-%012d", number));
  }
  // A user whose token carries the guest they were.
  static Call UserWhoWas(int user, int guest) {
    auth::Principal principal = User(user).principal();
    principal.guest = Guest(guest).principal().name;
    return Call::ForTest(principal);
  }

  absl::StatusOr<v1::Cart> Add(const Call& call, const std::string& sku, int quantity,
                               const std::string& request_id = "") {
    v1::AddCartItemRequest request;
    request.set_name("carts/me");
    request.set_sku(sku);
    request.set_quantity(quantity);
    request.set_request_id(request_id);
    return carts_.AddCartItem(call, request);
  }

  absl::StatusOr<v1::Cart> CartOf(const Call& call) {
    v1::GetCartRequest request;
    request.set_name("carts/me");
    return carts_.GetCart(call, request);
  }
  absl::StatusOr<v1::Cart> Update(const Call& call, const std::string& sku, int quantity,
                                  const std::string& etag = "") {
    v1::UpdateCartItemRequest request;
    request.set_name("carts/me");
    request.set_sku(sku);
    request.set_quantity(quantity);
    request.set_etag(etag);
    return carts_.UpdateCartItem(call, request);
  }

  // "tea×2 cup×1", in the order of adding.
  std::string LinesOf(const Call& call) {
    std::vector<std::string> lines;
    const absl::StatusOr<v1::Cart> cart = CartOf(call);
    if (!cart.ok()) return cart.status().ToString();
    for (const v1::CartLine& line : cart->lines()) {
      lines.push_back(absl::StrCat(line.sku(), "×", line.quantity()));
    }
    return absl::StrJoin(lines, " ");
  }

  // A request for the cart as it costs now.
  v1::PlaceOrderRequest RequestFor(int64_t total, const std::string& token = "tok_approve") {
    v1::PlaceOrderRequest request;
    request.set_request_id(Uuid::V4().ToString());
    request.set_payment_token(token);
    request.mutable_expected_total()->set_currency_code("EUR");
    request.mutable_expected_total()->set_minor_units(total);
    type::v1::Address& address = *request.mutable_shipping_address();
    address.set_recipient("Ada Lovelace");
    address.add_lines("12 St James's Square");
    address.set_locality("London");
    address.set_region_code("GB");
    return request;
  }

  absl::StatusOr<v1::Order> Place(const Call& call, const v1::PlaceOrderRequest& request) {
    return orders_.PlaceOrder(call, request);
  }
  // Two teas, ordered.
  absl::StatusOr<v1::Order> PlaceTea(const Call& call, const std::string& token = "tok_approve") {
    EXPECT_THAT(Add(call, "tea", 2), IsOk());
    return Place(call, RequestFor(998, token));
  }
  absl::StatusOr<v1::Order> Get(const Call& call, const std::string& name) {
    v1::GetOrderRequest request;
    request.set_name(name);
    return orders_.GetOrder(call, request);
  }
  absl::StatusOr<v1::Order> Cancel(const Call& call, const std::string& name, const std::string& etag = "") {
    v1::CancelOrderRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_reason("changed my mind");
    return orders_.CancelOrder(call, request);
  }

  // Time passes: every lease runs out, every wait is over, and the completer finishes what is left.
  void Settle() {
    for (int i = 0; i < 10; ++i) {
      const pqxx::result left =
          database_.Query("UPDATE sagas SET due_time = now() - interval '1 second' WHERE phase <> 'SETTLED'");
      if (left.affected_rows() == 0) return;
      completer_.RunOnce();
    }
  }

  // A process that dies at `moment`, once.
  void DieOnceAt(const std::string& moment) {
    disturbance_ = [this, moment](const std::string& now) -> absl::Status {
      if (now != moment) return absl::OkStatus();
      disturbance_ = nullptr;
      throw Died();
    };
  }

  // Runs `work` in so many threads at once.
  static void InParallel(int threads, const std::function<void(int)>& work) {
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
  }

  // What the provider has of an order's money: authorised, captured, refunded, voided.
  std::string BookOf(const std::string& order_name) {
    const pqxx::result rows =
        database_.Query(absl::StrCat("SELECT authorized, captured, refunded, voided FROM sandbox_payments "
                                     "WHERE 'orders/' || payment = '",
                                     order_name, "'"));
    if (rows.empty()) return "nothing";
    return absl::StrCat("authorized ", rows[0][0].c_str(), " captured ", rows[0][1].c_str(), " refunded ",
                        rows[0][2].c_str(), rows[0][3].as<bool>() ? " voided" : "");
  }
  int64_t Events(const std::string& type) {
    return database_.Value<int64_t>(
        absl::StrCat("SELECT count(*) FROM outbox WHERE type = 'arasta.order.v1.", type, "'"));
  }
  int64_t Count(const std::string& table, const std::string& where = "true") {
    return database_.Value<int64_t>(absl::StrCat("SELECT count(*) FROM ", table, " WHERE ", where));
  }
  // The sum of debits less credits of every account, which is zero for all of them together by shape;
  // an account's own says what it holds.
  int64_t BalanceOf(const std::string& account) {
    return database_.Value<int64_t>(absl::StrCat("SELECT coalesce(sum(CASE WHEN debit_account = '", account,
                                                 "' THEN amount WHEN credit_account = '", account,
                                                 "' THEN -amount ELSE 0 END), 0) FROM ledger"));
  }

  testing::TestDatabase database_{AllMigrations()};
  pg::Pool pool_{{.conninfo = database_.conninfo(), .size = 24, .acquire_wait = absl::Seconds(5)}};
  Disturbance disturbance_;
  FakeCatalog catalog_{disturbance_};
  CartStore cart_store_{pool_};
  OrderStore order_store_{pool_};
  SagaStore saga_store_{pool_};
  SandboxStore book_{pool_};
  SandboxProvider sandbox_{book_, absl::Milliseconds(1)};
  DisturbedPayments payments_{sandbox_, disturbance_};
  OrderWatches watches_{order_store_};
  Doorbell doorbell_;
  LeaseQueue left_over_{512};
  Checkout checkout_{{.orders = order_store_,
                      .sagas = saga_store_,
                      .catalog = catalog_,
                      .payments = payments_,
                      .doorbell = doorbell_,
                      .left_over = left_over_,
                      .on_move = [this](const OrderId& id) { watches_.Changed(id); }}};
  Completer completer_{checkout_, saga_store_, left_over_};
  rpc::PageTokens page_tokens_{"test"};
  const shop::Channels channels_ = {{"web", "EUR"}, {"eu", "EUR"}};
  CartService carts_{cart_store_, catalog_, channels_};
  OrderService orders_{
      {cart_store_, order_store_, saga_store_, catalog_, channels_, checkout_, watches_, page_tokens_}};
};

}  // namespace arasta::order
