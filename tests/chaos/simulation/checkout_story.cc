// Buying what is scarce: customers who repeat and change their mind, order and catalog processes, a payment
// provider; two customers want the last one.
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/errors.h"
#include "services/order/place_order.h"
#include "tests/chaos/simulation/drive.h"
#include "tests/chaos/simulation/story.h"

namespace arasta::simulation {
namespace {

using order::Order;
using order::OrderState;

constexpr int kCustomers = 5;
constexpr absl::Duration kPoll = absl::Milliseconds(200);
constexpr absl::Duration kLook = absl::Milliseconds(500);
constexpr absl::Duration kMaxWait = absl::Seconds(8);

using Answer = std::function<void(absl::StatusOr<Order>)>;

// An order process: places, joins, and completes what is due.
class OrderReplica {
 public:
  OrderReplica(const Market& market, const std::string& name)
      : market_(market), process_(market.world, name, [this] { Look(); }) {}

  void Place(const Order& order, const std::string& token, const Answer& answer) {
    process_.Then(absl::ZeroDuration(), [this, order, token, answer] { Claim(order, token, answer); });
  }

  // `acknowledged` is called when the wish is written down.
  void Cancel(const order::OrderId& id, const std::function<void()>& acknowledged) {
    process_.Then(absl::ZeroDuration(), [this, id, acknowledged] {
      if (market_.orders.RequestCancel(id).ok()) acknowledged();
    });
  }

 private:
  void Claim(const Order& order, const std::string& token, const Answer& answer) {
    if (market_.world.Has(Bug::kAcknowledgeBeforeCommit)) Reply(answer, order);
    order::SagaLease lease{.id = order.id, .stop_time = StopTime(), .first_drive = true};
    const absl::StatusOr<bool> claimed = market_.orders.Claim(order, token);
    if (!claimed.ok()) {
      const bool lies = market_.world.Has(Bug::kInDoubtIsFailure);
      return Reply(answer, lies ? absl::FailedPreconditionError("not placed") : claimed.status());
    }
    const absl::Time give_up = process_.Now() + kMaxWait;
    const auto join = [this, id = order.id, give_up, answer] { Join(id, give_up, answer); };
    if (!*claimed) return join();
    const auto drive = std::make_shared<Drive>(market_, process_, lease, Goal::kDecided, join);
    drive->Start(order::SagaSnapshot{.order = order, .cart_owner = order.customer, .payment_token = token});
  }

  void Join(const order::OrderId& id, absl::Time give_up, const Answer& answer) {
    const absl::StatusOr<Order> order = market_.orders.Find(id);
    if (order.ok() && order->state != OrderState::kPending) return Reply(answer, order);
    if (absl::IsNotFound(order.status()) || process_.Now() >= give_up) return Reply(answer, order);
    absl::StatusOr<std::vector<order::SagaLease>> leases = market_.orders.Acquire(id, 1);
    const auto again = [this, id, give_up, answer] { Join(id, give_up, answer); };
    if (!leases.ok() || leases->empty()) return process_.Then(kPoll, again);
    leases->front().stop_time = StopTime();
    std::make_shared<Drive>(market_, process_, leases->front(), Goal::kDecided, again)->Start();
  }

  void Look() {
    absl::StatusOr<std::vector<order::SagaLease>> due = market_.orders.Acquire(absl::nullopt, 4);
    if (due.ok()) {
      for (order::SagaLease& lease : *due) {
        lease.stop_time = StopTime();
        const auto nothing = [] {};
        std::make_shared<Drive>(market_, process_, lease, Goal::kSettled, nothing)->Start();
      }
    }
    process_.Then(kLook, [this] { Look(); });
  }

  void Reply(const Answer& answer, const absl::StatusOr<Order>& order) {
    market_.world.Send([answer, order] { answer(order); });
  }

  absl::Time StopTime() const { return process_.Now() + order::kLeaseDuration - order::kLeaseMargin; }

  const Market market_;
  Process process_;
};

class CheckoutStory : public Story {
 public:
  explicit CheckoutStory(World& world) : world_(world), shelf_(world, {{"tea", 5}, {"cup", 3}}) {
    for (int i = 0; i < kCustomers; ++i) {
      orders_.push_back(NewOrder(i));
      world_.In(world_.random().Between(absl::ZeroDuration(), absl::Seconds(15)), [this, i] { Buy(i); });
      world_.In(world_.random().Between(absl::Seconds(5), absl::Seconds(30)), [this, i] { Regret(i); });
    }
  }

  void CheckSettled() override {
    for (const auto& [id, row] : market_.orders.rows()) CheckOrder(row);
    for (const Wanted& wanted : orders_) CheckAnswers(wanted);
  }

 private:
  struct Wanted {
    Order order;
    std::string token;
    absl::optional<OrderState> acknowledged = absl::nullopt;
    absl::optional<absl::Status> refused = absl::nullopt;  // for good
    bool cancelled = false;                                // acknowledged
  };

  Wanted NewOrder(int number) {
    const std::string customer = absl::StrCat("users/", number);
    constexpr absl::string_view kTokens[] = {"tok_approve", "tok_approve", "tok_decline",
                                             "tok_capture_refused"};
    Wanted wanted{.order = {}, .token = std::string(world_.random().AnyOf(kTokens))};
    wanted.order.id = order::OrderId::Derive(customer, world_.random().NextUuid());
    wanted.order.customer = customer;
    wanted.order.lines.resize(2);
    wanted.order.lines[0].sku = "tea";
    wanted.order.lines[0].quantity = 1 + world_.random().Below(3);
    wanted.order.lines[1].sku = "cup";
    wanted.order.lines[1].quantity = 1;
    wanted.order.totals = {.currency = "EUR", .total = 1000 + number};
    wanted.order.request_fingerprint = customer;
    return wanted;
  }

  // Asks, and asks again until there is an answer.
  void Buy(int i) {
    const Wanted& wanted = orders_[static_cast<size_t>(i)];
    if (wanted.refused || wanted.acknowledged) return;
    const Answer answer = [this, i](const absl::StatusOr<Order>& order) { OnAnswer(i, order); };
    world_.Send([this, &wanted, answer] { AnyReplica().Place(wanted.order, wanted.token, answer); });
    world_.In(absl::Seconds(9), [this, i] { Buy(i); });
  }

  void OnAnswer(int i, const absl::StatusOr<Order>& order) {
    Wanted& wanted = orders_[static_cast<size_t>(i)];
    if (order.ok())
      world_.Holds(Fact::kO2OneOrderARequest, order->id == wanted.order.id, order->id.ToString());
    const absl::Status answer =
        order.ok() ? order::AnswerWith(*order, wanted.order.request_fingerprint).status() : order.status();
    world_.Trace("customer ", i, " hears ", answer.ok() ? order::ToString(order->state) : answer.message());
    if (answer.ok()) {
      if (wanted.acknowledged != OrderState::kPlaced) wanted.acknowledged = order->state;
    } else if (absl::IsFailedPrecondition(answer)) {
      wanted.refused = answer;
    }
  }

  void Regret(int i) {
    if (!world_.Strikes(Fault::kChangeOfMind, 150)) return;
    Wanted& wanted = orders_[static_cast<size_t>(i)];
    world_.Send(
        [this, &wanted] { AnyReplica().Cancel(wanted.order.id, [&wanted] { wanted.cancelled = true; }); });
  }

  void CheckOrder(const OrderRow& row) {
    const std::string id = row.order.id.ToString();
    const bool placed = row.order.state == OrderState::kPlaced;
    const bool sold = shelf_.IsSold(ReservationOf(row.order.id));
    const bool held = shelf_.IsHeld(ReservationOf(row.order.id));
    const Provider::Account& account = provider_.AccountOf(id);
    const bool charged = account.captured > account.refunded;
    const bool hold = account.authorized > 0 && !account.voided && account.captured == 0;
    world_.Holds(Fact::kO4Terminal, row.record.phase == order::SagaPhase::kSettled, id, " in ",
                 order::ToString(row.record.phase));
    // One that was refused at first has nothing to release: a second copy of the request may hold until the
    // hold runs out.
    const bool may_linger = row.order.refusal.reason == order::CancelReason::kInsufficientStock;
    world_.Holds(Fact::kS5NothingHeldAfterwards, (!held || may_linger) && sold == placed, id, " sold: ", sold,
                 " held: ", held);
    world_.Holds(Fact::kM4SettledMoney, charged == placed && !hold, id, " charged: ", charged,
                 " hold: ", hold);
    world_.Holds(Fact::kM5ProvidersBook, Agree(row.record.payment, account), id, " recorded as ",
                 order::ToString(row.record.payment));
  }

  static bool Agree(order::PaymentState payment, const Provider::Account& account) {
    using order::PaymentState;
    switch (payment) {
      case PaymentState::kCaptured:
        return account.captured > 0 && account.refunded == 0;
      case PaymentState::kRefunded:
        return account.captured > 0 && account.refunded == account.captured;
      case PaymentState::kVoided:
        return account.voided && account.captured == 0;
      case PaymentState::kDeclined:
      case PaymentState::kCancelled:
        return account.captured == 0 && (account.authorized == 0 || account.voided);
      case PaymentState::kPending:
      case PaymentState::kAuthorized:
        return false;
    }
    return false;
  }

  void CheckAnswers(const Wanted& wanted) {
    const auto row = market_.orders.rows().find(wanted.order.id);
    const bool exists = row != market_.orders.rows().end();
    const std::string id = wanted.order.id.ToString();
    if (wanted.acknowledged) {
      const bool as_said = exists && (wanted.acknowledged != OrderState::kPlaced || row->second.was_placed);
      world_.Holds(Fact::kO1AcknowledgedIsSo, as_said, id);
    }
    if (wanted.cancelled) {
      const bool as_said = exists && row->second.order.state == OrderState::kCancelled;
      world_.Holds(Fact::kO1AcknowledgedIsSo, as_said, id, " goes on after its cancellation");
    }
    if (wanted.refused) {
      const bool nothing =
          !exists || (!row->second.was_placed && row->second.order.state != OrderState::kPlaced);
      world_.Holds(Fact::kO5DefiniteFailure, nothing, id, " refused: ", wanted.refused->message());
    }
  }

  OrderReplica& AnyReplica() { return world_.random().PerMille(500) ? first_order_ : second_order_; }

  World& world_;
  Shelf shelf_;
  OrderBook book_{world_};
  Provider provider_{world_};
  CatalogReplica first_catalog_{world_, "catalog-1", shelf_};
  CatalogReplica second_catalog_{world_, "catalog-2", shelf_};
  Market market_{world_, book_,
                 [this]() -> CatalogReplica& {
                   return world_.random().PerMille(500) ? first_catalog_ : second_catalog_;
                 },
                 provider_};
  OrderReplica first_order_{market_, "order-1"};
  OrderReplica second_order_{market_, "order-2"};
  std::vector<Wanted> orders_;
};

}  // namespace

std::unique_ptr<Story> BeginCheckout(World& world) {
  return std::make_unique<CheckoutStory>(world);
}

}  // namespace arasta::simulation
