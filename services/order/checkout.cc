#include "services/order/checkout.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/crash_point.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/order/move.h"

namespace arasta::order {
namespace {

// The most one question to a peer may take.
constexpr absl::Duration kStockDeadline = absl::Seconds(1);
constexpr absl::Duration kProviderDeadline = absl::Seconds(2);
// How often an unanswered question is put again at once, and what has to be left for it.
constexpr int kTriesAtOnce = 3;
constexpr absl::Duration kWorthTrying = absl::Milliseconds(500);
// A customer is answered at the latest, and what is kept back to answer in.
constexpr absl::Duration kMaxWait = absl::Seconds(8);
constexpr absl::Duration kAnswerMargin = absl::Milliseconds(150);
// Other replicas' moves show by looking.
constexpr absl::Duration kPoll = absl::Milliseconds(200);
// A drive that is superseded more often than that leaves the order to the next lease.
constexpr int kMaxLoads = 6;

Call Within(const Call& call, absl::Duration limit) {
  return call.WithDeadline(std::min(call.deadline(), absl::Now() + limit));
}

Verdict WithReason(Verdict verdict, CancelReason reason) {
  if (verdict.ok() && verdict->has_value()) (*verdict)->reason = reason;
  return verdict;
}

// The order is claimed: a refusal for want of a connection would be taken for a definite one.
absl::Status Unknown(const absl::Status& status) {
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) return status;
  return Error(absl::StatusCode::kUnavailable, "ORDER_UNKNOWN", "how far the order came can't be told now");
}

void CrashBefore(SagaStep step) {
  if (step == SagaStep::kAuthorize) CrashPoint("order.before_authorise");
  if (step == SagaStep::kConfirm) CrashPoint("order.before_confirm");
  if (step == SagaStep::kCapture) CrashPoint("order.before_capture");
}

void CrashAfter(SagaStep step) {
  if (step == SagaStep::kReserve) CrashPoint("order.after_reserve");
  if (step == SagaStep::kAuthorize) CrashPoint("order.after_authorise");
  if (step == SagaStep::kCommitReservation) CrashPoint("order.after_commit_reservation");
  if (step == SagaStep::kConfirm) CrashPoint("order.after_confirm");
  if (step == SagaStep::kCancel) CrashPoint("order.after_cancel");
  if (step == SagaStep::kCapture) CrashPoint("order.after_capture");
  if (step == SagaStep::kRelease) CrashPoint("order.after_release");
  if (step == SagaStep::kVoid) CrashPoint("order.after_void");
  if (step == SagaStep::kRefund) CrashPoint("order.after_refund");
}

}  // namespace

absl::StatusOr<Order> Checkout::Place(const Call& call, const NewOrder& order) {
  const SagaLease lease{
      .id = order.order.id, .stop_time = absl::Now() + kLeaseDuration - kLeaseMargin, .first_drive = true};
  ASSIGN_OR_RETURN(const bool claimed, parts_.orders.Claim(call, order));
  if (claimed) {
    CrashPoint("order.after_claim");
    // An error is no answer: the order is claimed, and whoever looks next sees how far it came.
    Complete(call, lease, Goal::kDecided,
             SagaSnapshot{
                 .order = order.order, .cart_owner = order.cart_owner, .payment_token = order.payment_token})
        .IgnoreError();
  }
  return Join(call, order.order.id);
}

absl::StatusOr<Order> Checkout::Join(const Call& call, const OrderId& id) {
  const absl::Time give_up = std::min(call.deadline(), absl::Now() + kMaxWait) - kAnswerMargin;
  for (;;) {
    const uint64_t rings = parts_.doorbell.Rings(id);
    absl::StatusOr<Order> order = parts_.orders.Find(call, id);
    if (order.ok() && order->state != OrderState::kPending) return order;
    if (absl::IsNotFound(order.status())) return order;
    if (absl::Now() >= give_up) return order.ok() ? std::move(order) : Unknown(order.status());
    const absl::StatusOr<absl::optional<SagaLease>> lease = parts_.sagas.Acquire(call, id);
    if (lease.ok() && lease->has_value()) {
      Complete(call, **lease, Goal::kDecided).IgnoreError();
    } else {
      parts_.doorbell.WaitForRing(id, rings, std::min(give_up, absl::Now() + kPoll));
    }
  }
}

absl::Status Checkout::Complete(const Call& call, SagaLease lease, Goal goal,
                                absl::optional<SagaSnapshot> known) {
  const Call drive = call.WithDeadline(std::min(call.deadline() - kAnswerMargin, lease.stop_time));
  for (int loads = 0; loads < kMaxLoads; ++loads) {
    if (!known) {
      ASSIGN_OR_RETURN(known, parts_.sagas.Load(drive, lease));
      if (!known) return absl::OkStatus();
    }
    Saga saga = Resume(known->record, std::exchange(lease.first_drive, false));
    absl::Status why;
    const Drive drive_end = DrivePhase({drive, lease, *known}, saga, why);
    if (drive_end == Drive::kUndecided) {
      return parts_.sagas.Reschedule(call, lease, Backoff(known->attempts), saga.step,
                                     absl::StatusCodeToString(why.code()));
    }
    if (saga.phase == SagaPhase::kSettled) return absl::OkStatus();
    if (goal == Goal::kDecided && Decided(saga)) {
      parts_.left_over.Push({.id = lease.id,
                             .epoch = lease.epoch,
                             .stop_time = absl::Now() + kLeaseDuration - kLeaseMargin,
                             .trace = call.trace()});
      return absl::OkStatus();
    }
    known.reset();
    if (drive_end == Drive::kArrived) continue;
    ASSIGN_OR_RETURN(const absl::optional<SagaLease> renewed, parts_.sagas.Renew(drive, lease));
    if (!renewed) return absl::OkStatus();
    lease = *renewed;
  }
  return absl::AbortedError("superseded too often");
}

Checkout::Drive Checkout::DrivePhase(const Work& work, Saga& saga, absl::Status& why) {
  int tries = 0;
  while (saga.phase == work.snapshot.record.phase && saga.step != SagaStep::kNone) {
    const SagaStep step = saga.step;
    CrashBefore(step);
    const absl::optional<SagaEvent> event = Perform(work, saga, why);
    if (!event) return Drive::kSuperseded;
    if (event->kind == SagaEvent::Kind::kDone) CrashAfter(step);
    saga = Advance(std::move(saga), *event);
    if (saga.step != step) {
      tries = 0;
    } else if (++tries == kTriesAtOnce || work.call.Remaining() < kWorthTrying) {
      return Drive::kUndecided;
    }
  }
  return Drive::kArrived;
}

absl::optional<SagaEvent> Checkout::Perform(const Work& work, const Saga& saga, absl::Status& why) {
  using Kind = SagaEvent::Kind;
  if (WritesRecord(saga.step)) {
    // An error may be a commit in doubt, which may even come later.
    const absl::StatusOr<bool> written = parts_.sagas.Write(work.call, work.lease, work.snapshot, saga);
    if (!written.ok() || !*written) return absl::nullopt;
    Moved(work.lease.id);
    return SagaEvent{Kind::kDone};
  }
  Verdict verdict = Ask(work, saga.step);
  if (!verdict.ok()) {
    why = verdict.status();
    return SagaEvent{work.snapshot.overdue ? Kind::kOverdue : Kind::kUnknown};
  }
  if (verdict->has_value()) return SagaEvent{Kind::kRefused, **std::move(verdict)};
  return SagaEvent{Kind::kDone};
}

void Checkout::Moved(const OrderId& id) {
  parts_.doorbell.Ring(id);
  parts_.on_move(id);
}

Verdict Checkout::Ask(const Work& work, SagaStep step) {
  const Call stock = Within(work.call, kStockDeadline);
  const Call provider = Within(work.call, kProviderDeadline);
  const PaymentOperation operation = OperationOf(work.snapshot.order, work.snapshot.payment_token, step);
  switch (step) {
    case SagaStep::kReserve:
      return parts_.catalog.Reserve(stock, work.snapshot.order);
    case SagaStep::kCommitReservation:
      return parts_.catalog.Commit(stock, work.lease.id);
    case SagaStep::kRelease:
      return parts_.catalog.Release(stock, work.lease.id);
    case SagaStep::kAuthorize:
      return WithReason(parts_.payments.Authorize(provider, operation), CancelReason::kPaymentDeclined);
    case SagaStep::kCapture:
      return WithReason(parts_.payments.Capture(provider, operation), CancelReason::kCaptureRefused);
    case SagaStep::kVoid:
      return parts_.payments.Void(provider, operation);
    case SagaStep::kRefund:
      return parts_.payments.Refund(provider, operation);
    default:
      return absl::InternalError("no question to ask");
  }
}

}  // namespace arasta::order
