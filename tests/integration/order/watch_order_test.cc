#include "tests/integration/order/order_fixture.h"

namespace arasta::order {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The client's end of a stream.
class Client final : public OrderWatches::Watch::Sink {
 public:
  bool Write(v1::WatchOrderResponse response) override {
    if (ended_) return false;
    actions_.push_back(response.entry().action());
    return true;
  }
  void Finish(const absl::Status& status) override {
    if (!ended_) end_ = status;
    Hang();
  }
  void OnCancel(absl::AnyInvocable<void()> callback) override { on_cancel_ = std::move(callback); }

  void Hang() {
    ended_ = true;
    if (on_cancel_) std::move(on_cancel_)();
    on_cancel_ = nullptr;
  }

  const std::vector<std::string>& actions() const { return actions_; }
  const absl::optional<absl::Status>& end() const { return end_; }

 private:
  std::vector<std::string> actions_;
  absl::optional<absl::Status> end_;
  bool ended_ = false;
  absl::AnyInvocable<void()> on_cancel_;
};

class WatchOrderTest : public OrderFixture {
 protected:
  absl::Status Watch(const Call& call, const std::string& name, int64_t after,
                     std::shared_ptr<Client> client) {
    v1::WatchOrderRequest request;
    request.set_name(name);
    request.set_after_sequence(after);
    return orders_.WatchOrder(call, request, OrderWatches::Watch(std::move(client)));
  }
};

TEST_F(WatchOrderTest, TellsWhatWasAndThenWhatHappens) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  auto client = std::make_shared<Client>();
  ASSERT_THAT(Watch(User(1), order->name(), 0, client), IsOk());
  watches_.RunOnce();
  EXPECT_THAT(client->actions(), ElementsAre("CLAIMED", "PLACED"));
  Settle();
  watches_.RunOnce();
  EXPECT_THAT(client->actions(), ElementsAre("CLAIMED", "PLACED", "CAPTURED"));
  watches_.RunOnce();
  EXPECT_EQ(client->actions().size(), 3u);
  EXPECT_EQ(client->end(), absl::nullopt);
}

TEST_F(WatchOrderTest, GoesOnWhereTheClientLeftOff) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  Settle();
  auto client = std::make_shared<Client>();
  ASSERT_THAT(Watch(User(1), order->name(), 2, client), IsOk());
  watches_.RunOnce();
  EXPECT_THAT(client->actions(), ElementsAre("CAPTURED"));
}

TEST_F(WatchOrderTest, EndsWhenTheMoneyIsBack) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  auto client = std::make_shared<Client>();
  ASSERT_THAT(Watch(User(1), order->name(), 2, client), IsOk());
  ASSERT_THAT(Cancel(User(1), order->name()), IsOk());
  watches_.RunOnce();
  EXPECT_EQ(client->end(), absl::nullopt);
  Settle();
  watches_.RunOnce();
  EXPECT_THAT(client->actions(), ElementsAre("CANCELLED", "VOIDED"));
  EXPECT_EQ(client->end(), absl::OkStatus());

  auto late = std::make_shared<Client>();
  ASSERT_THAT(Watch(User(1), order->name(), 4, late), IsOk());
  EXPECT_EQ(late->end(), absl::OkStatus());
}

TEST_F(WatchOrderTest, WritesNothingToAClientThatHasGone) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  auto client = std::make_shared<Client>();
  ASSERT_THAT(Watch(User(1), order->name(), 0, client), IsOk());
  client->Hang();
  watches_.RunOnce();
  EXPECT_THAT(client->actions(), IsEmpty());
}

TEST_F(WatchOrderTest, OfAnothersOrderIsNotFound) {
  const absl::StatusOr<v1::Order> order = PlaceTea(User(1));
  EXPECT_THAT(Watch(User(2), order->name(), 0, std::make_shared<Client>()),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace arasta::order
