// The saga's core in a small world of its own: drivers that die, come back late or are taken over from,
// peers whose answers are lost or whose work arrives late, customers who change their mind. Whatever the
// schedule, after healing an order is placed and captured, or nothing is charged and the stock is free.
// A failing seed is replayed by its number.
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "services/order/saga.h"

namespace arasta::order {
namespace {

using Kind = SagaEvent::Kind;

// What may be left out on purpose, to see that the invariants notice.
enum class Bug { kNone, kWritesUnfenced, kReleaseForgotten, kVoidForgotten };

class World {
 public:
  World(uint32_t seed, Bug bug) : random_(seed), bug_(bug) {
    short_of_stock_ = Chance(15);
    declines_ = Chance(15);
    refuses_capture_ = Chance(10);
  }

  // A random schedule, then healing: every late call lands and drivers meet no more faults.
  void Run() {
    drivers_.push_back({Resume(record_, true), epoch_});
    for (int i = 0; i < 60; ++i) Disturb();
    faults_ = false;
    LandAll();
    for (int i = 0; i < 100 && record_.phase != SagaPhase::kSettled; ++i) {
      TakeOver();
      while (Step(drivers_.back())) {
      }
    }
    LandAll();
  }

  std::string Violation() const {
    if (record_.phase != SagaPhase::kSettled) return "not settled";
    const bool sold = stock_ == Stock::kCommitted;
    const bool free = stock_ == Stock::kNone || stock_ == Stock::kReleased;
    const bool charged = captured_ && !refunded_;
    const bool held = authorized_ && !voided_ && !captured_;
    if (state_ == OrderState::kPlaced && !(sold && charged)) return "placed without stock or money";
    if (state_ == OrderState::kCancelled && !(free && !charged && !held))
      return "cancelled with stock or money";
    if (state_ == OrderState::kPending) return "settled undecided";
    return PaymentViolation();
  }

  OrderState state() const { return state_; }

 private:
  enum class Stock { kNone, kHeld, kCommitted, kReleased };
  struct Driver {
    Saga saga;
    int epoch;
  };

  bool Chance(int percent) { return static_cast<int>(random_() % 100) < percent; }

  void Disturb() {
    if (Chance(10)) TakeOver();
    if (Chance(3)) RequestCancel();
    if (!late_.empty() && Chance(20)) Land(random_() % late_.size());
    if (drivers_.size() > 1 && Chance(5)) drivers_.erase(drivers_.begin());
    // Any driver, old leases too.
    Driver& driver = drivers_[random_() % drivers_.size()];
    Step(driver);
  }

  void TakeOver() { drivers_.push_back({Resume(record_, false), ++epoch_}); }

  void RequestCancel() {
    if (state_ == OrderState::kPending) record_.cancel_requested = true;
    if (state_ != OrderState::kPlaced) return;
    state_ = OrderState::kCancelled;
    record_.phase = SagaPhase::kUnwinding;
  }

  void Land(size_t i) {
    const std::function<void()> work = late_[i];
    late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(i));
    work();
  }
  void LandAll() {
    while (!late_.empty()) Land(0);
  }

  // False: the driver is through.
  bool Step(Driver& driver) {
    Saga& saga = driver.saga;
    if (saga.step == SagaStep::kNone) return false;
    if (Writes(saga.step)) return Write(driver);
    const SagaStep step = saga.step;
    if (!faults_ || Chance(70)) {
      saga = Advance(saga, Serve(step));
    } else {
      // The answer is lost; the work is done now, later, or never.
      if (Chance(30)) {
        Serve(step);
      } else if (Chance(60)) {
        late_.push_back([this, step] { Serve(step); });
      }
      saga = Advance(saga, {Chance(10) ? Kind::kOverdue : Kind::kUnknown});
    }
    return true;
  }

  static bool Writes(SagaStep step) {
    return step == SagaStep::kConfirm || step == SagaStep::kCancel || step == SagaStep::kRecordCapture ||
           step == SagaStep::kRecordUnwound;
  }

  // A compare-and-set on epoch and phase. Where it fails, a driver that still has its lease loads again.
  bool Write(Driver& driver) {
    const Saga after = Advance(driver.saga, {Kind::kDone});
    const bool ours = driver.epoch == epoch_;
    const bool fits = ours && driver.saga.phase == record_.phase &&
                      !(driver.saga.step == SagaStep::kConfirm && record_.cancel_requested);
    const bool arrives = !faults_ || Chance(90);
    if (arrives && (fits || bug_ == Bug::kWritesUnfenced)) {
      Record(driver.saga, after);
      if (!faults_ || Chance(90)) {
        driver.saga = after;
        return true;
      }
    }
    driver.saga = ours ? Resume(record_, false) : Saga{.step = SagaStep::kNone};
    return ours;
  }

  void Record(const Saga& saga, const Saga& after) {
    record_.phase = after.phase;
    switch (saga.step) {
      case SagaStep::kConfirm:
        record_.payment = PaymentState::kAuthorized;
        state_ = OrderState::kPlaced;
        break;
      case SagaStep::kCancel:
        record_.payment = saga.payment;
        state_ = OrderState::kCancelled;
        break;
      default:
        record_.payment = saga.payment;
    }
  }

  // Catalog and provider: keyed, so a repeat gets the first answer.
  SagaEvent Serve(SagaStep step) {
    switch (step) {
      case SagaStep::kReserve:
        if (stock_ == Stock::kReleased) return {Kind::kUnknown};
        if (stock_ == Stock::kNone && short_of_stock_) return Refuse(CancelReason::kInsufficientStock);
        if (stock_ == Stock::kNone) stock_ = Stock::kHeld;
        return {Kind::kDone};
      case SagaStep::kCommitReservation:
        if (stock_ == Stock::kReleased || stock_ == Stock::kNone) return {Kind::kUnknown};
        stock_ = Stock::kCommitted;
        return {Kind::kDone};
      case SagaStep::kRelease:
        if (bug_ != Bug::kReleaseForgotten) stock_ = Stock::kReleased;
        return {Kind::kDone};
      default:
        return ServeOnce(step);
    }
  }

  SagaEvent ServeOnce(SagaStep step) {
    const auto [answer, first] = answers_.try_emplace(step, SagaEvent{Kind::kDone});
    if (first) answer->second = Charge(step);
    return answer->second;
  }

  SagaEvent Charge(SagaStep step) {
    switch (step) {
      case SagaStep::kAuthorize:
        if (declines_ || voided_) return Refuse(CancelReason::kPaymentDeclined);
        authorized_ = true;
        return {Kind::kDone};
      case SagaStep::kCapture:
        if (refuses_capture_ || voided_ || !authorized_) return Refuse(CancelReason::kCaptureRefused);
        captured_ = true;
        return {Kind::kDone};
      case SagaStep::kVoid:
        if (captured_) return Refuse(CancelReason::kNone);
        if (bug_ != Bug::kVoidForgotten) voided_ = true;
        return {Kind::kDone};
      default:
        refunded_ = captured_;
        return {Kind::kDone};
    }
  }

  static SagaEvent Refuse(CancelReason reason) { return {Kind::kRefused, {.reason = reason}}; }

  // Our record against the provider's book.
  std::string PaymentViolation() const {
    switch (record_.payment) {
      case PaymentState::kCaptured:
        return captured_ && !refunded_ ? "" : "recorded as captured";
      case PaymentState::kRefunded:
        return refunded_ ? "" : "recorded as refunded";
      case PaymentState::kVoided:
        return voided_ && !captured_ ? "" : "recorded as voided";
      case PaymentState::kDeclined:
      case PaymentState::kCancelled:
        return authorized_ && !voided_ ? "authorised without a record" : "";
      case PaymentState::kPending:
      case PaymentState::kAuthorized:
        return "settled with money in the air";
    }
    return "";
  }

  std::mt19937 random_;
  const Bug bug_;
  bool faults_ = true;
  bool short_of_stock_ = false;
  bool declines_ = false;
  bool refuses_capture_ = false;

  SagaRecord record_;
  OrderState state_ = OrderState::kPending;
  int epoch_ = 1;
  std::vector<Driver> drivers_;
  std::vector<std::function<void()>> late_;

  Stock stock_ = Stock::kNone;
  std::map<SagaStep, SagaEvent> answers_;
  bool authorized_ = false;
  bool captured_ = false;
  bool voided_ = false;
  bool refunded_ = false;
};

int Violations(Bug bug, uint32_t seeds) {
  int violations = 0;
  for (uint32_t seed = 1; seed <= seeds; ++seed) {
    World world(seed, bug);
    world.Run();
    if (!world.Violation().empty()) ++violations;
  }
  return violations;
}

TEST(SagaSimulationTest, EverySchedulePlacesAndCapturesOrLeavesNothing) {
  std::map<OrderState, int> ends;
  for (uint32_t seed = 1; seed <= 20000; ++seed) {
    World world(seed, Bug::kNone);
    world.Run();
    ASSERT_EQ(world.Violation(), "") << "seed " << seed;
    ++ends[world.state()];
  }
  // The schedules are worth something: both ends are common.
  EXPECT_GT(ends[OrderState::kPlaced], 1000);
  EXPECT_GT(ends[OrderState::kCancelled], 1000);
}

TEST(SagaSimulationTest, NoticesABug) {
  EXPECT_GT(Violations(Bug::kWritesUnfenced, 2000), 0);
  EXPECT_GT(Violations(Bug::kReleaseForgotten, 2000), 0);
  EXPECT_GT(Violations(Bug::kVoidForgotten, 2000), 0);
}

}  // namespace
}  // namespace arasta::order
