#include "tests/chaos/simulation/drive.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/order/catalog_client.h"

namespace arasta::simulation {
namespace {

using order::SagaEvent;
using order::SagaStep;
using order::Verdict;

constexpr absl::Duration kStep = absl::Milliseconds(1);
constexpr absl::Duration kPatience = absl::Seconds(1);
constexpr absl::Duration kWorthTrying = absl::Milliseconds(500);
constexpr int kTriesAtOnce = 3;
constexpr int kMaxLoads = 6;

catalog::ReserveRequest RequestOf(const order::Order& order) {
  catalog::ReserveRequest request{.key = ReservationOf(order.id), .lines = {}};
  for (const order::OrderLine& line : order.lines) request.lines.push_back({line.sku, line.quantity});
  return request;
}

// A refused authorisation or capture is why the order ends.
order::CancelReason ReasonOf(SagaStep step) {
  if (step == SagaStep::kAuthorize) return order::CancelReason::kPaymentDeclined;
  return step == SagaStep::kCapture ? order::CancelReason::kCaptureRefused : order::CancelReason::kNone;
}

}  // namespace

catalog::ReservationKey ReservationOf(const order::OrderId& id) {
  return {.order = id.uuid(), .generation = 1};
}

void Drive::Start(absl::optional<order::SagaSnapshot> known) {
  known_ = std::move(known);
  Load();
}

void Drive::Load() {
  if (loads_++ == kMaxLoads) return at_end_();
  if (!known_) {
    absl::StatusOr<absl::optional<order::SagaSnapshot>> loaded = market_.orders.Load(lease_);
    if (!loaded.ok() || !*loaded) return at_end_();
    known_ = *std::move(loaded);
  }
  saga_ = order::Resume(known_->record, std::exchange(lease_.first_drive, false));
  tries_ = 0;
  Next();
}

void Drive::Next() {
  if (saga_.phase != known_->record.phase || saga_.step == SagaStep::kNone) return Arrive();
  process_.Then(kStep, [self = shared_from_this()] {
    order::WritesRecord(self->saga_.step) ? self->Write() : self->AskSomebody();
  });
}

void Drive::Write() {
  const absl::StatusOr<bool> written = market_.orders.Write(lease_, *known_, saga_);
  if (written.ok() && *written) return On({SagaEvent::Kind::kDone});
  known_.reset();
  const auto renewed = market_.orders.Renew(lease_);
  if (!renewed.ok() || !*renewed) return at_end_();
  lease_ = **renewed;
  Load();
}

void Drive::AskSomebody() {
  const int question = ++questions_;
  process_.Then(kPatience, [self = shared_from_this(), question] {
    if (question == self->questions_) self->OnVerdict(absl::DeadlineExceededError("no answer"));
  });
  const SagaStep step = saga_.step;
  if (step == SagaStep::kReserve || step == SagaStep::kCommitReservation || step == SagaStep::kRelease) {
    return AskCatalog();
  }
  if (step == SagaStep::kVoid && market_.world.Has(Bug::kVoidForgotten)) return OnVerdict(absl::nullopt);
  order::PaymentOperation operation = order::OperationOf(known_->order, known_->payment_token, step);
  if (step == SagaStep::kRefund && market_.world.Has(Bug::kRefundWithNewKey)) {
    absl::StrAppend(&operation.key, ":", lease_.epoch, ":", tries_);
  }
  const std::function<void(Verdict)> answer = [self = shared_from_this(), question, step](Verdict verdict) {
    if (verdict.ok() && verdict->has_value()) (*verdict)->reason = ReasonOf(step);
    if (question == self->questions_) self->OnVerdict(verdict);
  };
  market_.provider.Ask(step, operation, process_.IfAlive(answer));
}

void Drive::AskCatalog() {
  const std::function<void(absl::Status)> on_answer = [self = shared_from_this(),
                                                       question = questions_](absl::Status status) {
    if (question == self->questions_) self->OnVerdict(order::VerdictOf(status));
  };
  const CatalogReplica::Answer answer = process_.IfAlive(on_answer);
  CatalogReplica& catalog = market_.catalog();
  market_.world.Send([&catalog, step = saga_.step, order = known_->order, answer] {
    if (step == SagaStep::kReserve) {
      catalog.Reserve(RequestOf(order), answer);
    } else if (step == SagaStep::kCommitReservation) {
      catalog.Commit(ReservationOf(order.id), answer);
    } else {
      catalog.Release(ReservationOf(order.id), answer);
    }
  });
}

void Drive::OnVerdict(const Verdict& verdict) {
  ++questions_;
  if (!verdict.ok()) return On({known_->overdue ? SagaEvent::Kind::kOverdue : SagaEvent::Kind::kUnknown});
  if (verdict->has_value()) return On({SagaEvent::Kind::kRefused, **verdict});
  On({SagaEvent::Kind::kDone});
}

void Drive::On(const SagaEvent& event) {
  const SagaStep step = saga_.step;
  saga_ = order::Advance(std::move(saga_), event);
  if (saga_.step != step) {
    tries_ = 0;
  } else if (++tries_ == kTriesAtOnce || process_.Now() + kWorthTrying > lease_.stop_time) {
    market_.orders.Reschedule(lease_, order::Backoff(known_->attempts)).IgnoreError();
    return at_end_();
  }
  Next();
}

// What is left after the decision is for the completer: here, for a drive of its own.
void Drive::Arrive() {
  if (saga_.phase == order::SagaPhase::kSettled) return at_end_();
  if (goal_ == Goal::kDecided && order::Decided(saga_)) {
    order::SagaLease rest = lease_;
    rest.first_drive = false;
    rest.stop_time = process_.Now() + order::kLeaseDuration - order::kLeaseMargin;
    const auto nothing = [] {};
    std::make_shared<Drive>(market_, process_, rest, Goal::kSettled, nothing)->Start();
    return at_end_();
  }
  known_.reset();
  Load();
}

}  // namespace arasta::simulation
