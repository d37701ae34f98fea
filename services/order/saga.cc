#include "services/order/saga.h"

#include <utility>

namespace arasta::order {
namespace {

using Kind = SagaEvent::Kind;

Saga Go(Saga saga, SagaStep step) {
  saga.step = step;
  return saga;
}

Saga Settle(Saga saga) {
  saga.phase = SagaPhase::kSettled;
  return Go(std::move(saga), SagaStep::kNone);
}

Saga CancelFor(Saga saga, Refusal refusal) {
  saga.refusal = std::move(refusal);
  // A refused authorisation holds nothing; one never asked for is not pending any more.
  if (saga.refusal.reason == CancelReason::kPaymentDeclined) {
    saga.payment = PaymentState::kDeclined;
    saga.money_may_be_held = false;
  } else if (saga.payment == PaymentState::kPending && !saga.money_may_be_held) {
    saga.payment = PaymentState::kCancelled;
  }
  return Go(std::move(saga), SagaStep::kCancel);
}

// RESERVE, AUTHORIZE and COMMIT_RESERVATION: on with `next`, or out.
Saga Decide(Saga saga, const SagaEvent& event, SagaStep next) {
  switch (event.kind) {
    case Kind::kDone:
      return Go(std::move(saga), next);
    case Kind::kRefused:
      return CancelFor(std::move(saga), event.refusal);
    case Kind::kOverdue:
      return CancelFor(std::move(saga), {.reason = CancelReason::kTimedOut});
    case Kind::kUnknown:
      return saga;
  }
  return saga;
}

Saga AfterReserve(Saga saga, const SagaEvent& event) {
  if (event.kind != Kind::kRefused) saga.stock_may_be_held = true;
  return Decide(std::move(saga), event, SagaStep::kAuthorize);
}

Saga AfterAuthorize(Saga saga, const SagaEvent& event) {
  if (event.kind != Kind::kRefused) saga.money_may_be_held = true;
  if (event.kind == Kind::kDone) saga.payment = PaymentState::kAuthorized;
  return Decide(std::move(saga), event, SagaStep::kCommitReservation);
}

Saga AfterConfirm(Saga saga) {
  saga.phase = SagaPhase::kCapturing;
  return Go(std::move(saga), SagaStep::kCapture);
}

Saga AfterCancel(Saga saga) {
  if (!saga.stock_may_be_held && !saga.money_may_be_held) return Settle(std::move(saga));
  saga.phase = SagaPhase::kUnwinding;
  return Go(std::move(saga), SagaStep::kRelease);
}

Saga AfterCapture(Saga saga, const SagaEvent& event) {
  if (event.kind == Kind::kRefused) return CancelFor(std::move(saga), event.refusal);
  if (event.kind != Kind::kDone) return saga;
  saga.payment = PaymentState::kCaptured;
  return Go(std::move(saga), SagaStep::kRecordCapture);
}

Saga AfterRelease(Saga saga) {
  if (saga.payment == PaymentState::kCaptured) return Go(std::move(saga), SagaStep::kRefund);
  return Go(std::move(saga), saga.money_may_be_held ? SagaStep::kVoid : SagaStep::kRecordUnwound);
}

// A void is refused only where a capture came first.
Saga AfterVoid(Saga saga, const SagaEvent& event) {
  if (event.kind == Kind::kRefused) return Go(std::move(saga), SagaStep::kRefund);
  if (event.kind != Kind::kDone) return saga;
  saga.payment = PaymentState::kVoided;
  return Go(std::move(saga), SagaStep::kRecordUnwound);
}

Saga AfterRefund(Saga saga) {
  saga.payment = PaymentState::kRefunded;
  return Go(std::move(saga), SagaStep::kRecordUnwound);
}

bool HoldsMoney(PaymentState payment) {
  return payment == PaymentState::kPending || payment == PaymentState::kAuthorized ||
         payment == PaymentState::kCaptured;
}

}  // namespace

Saga Resume(const SagaRecord& record, bool first_drive) {
  const bool untouched = first_drive && record.phase == SagaPhase::kDeciding;
  Saga saga{.phase = record.phase,
            .payment = record.payment,
            .stock_may_be_held = !untouched,
            .money_may_be_held = !untouched && HoldsMoney(record.payment)};
  switch (record.phase) {
    case SagaPhase::kDeciding:
      if (record.cancel_requested) return CancelFor(saga, {.reason = CancelReason::kCustomerRequest});
      return Go(saga, SagaStep::kReserve);
    case SagaPhase::kCapturing:
      return Go(saga, SagaStep::kCapture);
    case SagaPhase::kUnwinding:
      return Go(saga, SagaStep::kRelease);
    case SagaPhase::kSettled:
      return Go(saga, SagaStep::kNone);
  }
  return saga;
}

Saga Advance(Saga saga, const SagaEvent& event) {
  const bool done = event.kind == Kind::kDone;
  switch (saga.step) {
    case SagaStep::kReserve:
      return AfterReserve(std::move(saga), event);
    case SagaStep::kAuthorize:
      return AfterAuthorize(std::move(saga), event);
    case SagaStep::kCommitReservation:
      return Decide(std::move(saga), event, SagaStep::kConfirm);
    case SagaStep::kConfirm:
      return done ? AfterConfirm(std::move(saga)) : saga;
    case SagaStep::kCancel:
      return done ? AfterCancel(std::move(saga)) : saga;
    case SagaStep::kCapture:
      return AfterCapture(std::move(saga), event);
    case SagaStep::kRecordCapture:
    case SagaStep::kRecordUnwound:
      return done ? Settle(std::move(saga)) : saga;
    case SagaStep::kRelease:
      return done ? AfterRelease(std::move(saga)) : saga;
    case SagaStep::kVoid:
      return AfterVoid(std::move(saga), event);
    case SagaStep::kRefund:
      return done ? AfterRefund(std::move(saga)) : saga;
    case SagaStep::kNone:
      return saga;
  }
  return saga;
}

absl::string_view ToString(SagaPhase phase) {
  switch (phase) {
    case SagaPhase::kDeciding:
      return "DECIDING";
    case SagaPhase::kCapturing:
      return "CAPTURING";
    case SagaPhase::kUnwinding:
      return "UNWINDING";
    case SagaPhase::kSettled:
      return "SETTLED";
  }
  return "";
}

absl::string_view ToString(SagaStep step) {
  switch (step) {
    case SagaStep::kReserve:
      return "RESERVE";
    case SagaStep::kAuthorize:
      return "AUTHORIZE";
    case SagaStep::kCommitReservation:
      return "COMMIT_RESERVATION";
    case SagaStep::kConfirm:
      return "CONFIRM";
    case SagaStep::kCancel:
      return "CANCEL";
    case SagaStep::kCapture:
      return "CAPTURE";
    case SagaStep::kRecordCapture:
      return "RECORD_CAPTURE";
    case SagaStep::kRelease:
      return "RELEASE";
    case SagaStep::kVoid:
      return "VOID";
    case SagaStep::kRefund:
      return "REFUND";
    case SagaStep::kRecordUnwound:
      return "RECORD_UNWOUND";
    case SagaStep::kNone:
      return "NONE";
  }
  return "";
}

absl::optional<SagaPhase> SagaPhaseFrom(absl::string_view word) {
  for (const SagaPhase phase : kSagaPhases) {
    if (ToString(phase) == word) return phase;
  }
  return absl::nullopt;
}

}  // namespace arasta::order
