#include "services/order/saga.h"

#include "gmock/gmock.h"

namespace arasta::order {
namespace {

using Kind = SagaEvent::Kind;

const SagaEvent kDone = {Kind::kDone, {}};
const SagaEvent kUnknown = {Kind::kUnknown, {}};
const SagaEvent kOverdue = {Kind::kOverdue, {}};

SagaEvent Refused(CancelReason reason) {
  return {Kind::kRefused, {.reason = reason}};
}

Saga Fresh() {
  return Resume({}, /*first_drive=*/true);
}

// The saga after these events, one a step.
Saga After(Saga saga, const std::vector<SagaEvent>& events) {
  for (const SagaEvent& event : events) saga = Advance(saga, event);
  return saga;
}

TEST(SagaTest, TakesTheStepsOfTheDesignInOrder) {
  Saga saga = Fresh();
  for (const SagaStep step :
       {SagaStep::kReserve, SagaStep::kAuthorize, SagaStep::kCommitReservation, SagaStep::kConfirm,
        SagaStep::kCapture, SagaStep::kRecordCapture, SagaStep::kNone}) {
    EXPECT_EQ(ToString(saga.step), ToString(step));
    saga = Advance(saga, kDone);
  }
  EXPECT_EQ(saga.phase, SagaPhase::kSettled);
  EXPECT_EQ(saga.payment, PaymentState::kCaptured);
}

TEST(SagaTest, IsDecidedByConfirmAndNotBefore) {
  EXPECT_FALSE(Decided(After(Fresh(), {kDone, kDone, kDone})));
  EXPECT_TRUE(Decided(After(Fresh(), {kDone, kDone, kDone, kDone})));
}

TEST(SagaTest, ARefusedFirstReservationLeavesNothingToUnwind) {
  Saga saga = Advance(Fresh(), Refused(CancelReason::kInsufficientStock));
  EXPECT_EQ(saga.step, SagaStep::kCancel);
  EXPECT_EQ(saga.payment, PaymentState::kCancelled);
  EXPECT_EQ(Advance(saga, kDone).phase, SagaPhase::kSettled);
}

TEST(SagaTest, ARefusedReservationAfterADeadDriverUnwindsBoth) {
  const Saga saga =
      After(Resume({}, /*first_drive=*/false), {Refused(CancelReason::kInsufficientStock), kDone});
  EXPECT_EQ(saga.step, SagaStep::kRelease);
  EXPECT_EQ(Advance(saga, kDone).step, SagaStep::kVoid);
}

TEST(SagaTest, ADeclineReleasesTheStockAndVoidsNothing) {
  Saga saga = After(Fresh(), {kDone, Refused(CancelReason::kPaymentDeclined)});
  EXPECT_EQ(saga.step, SagaStep::kCancel);
  EXPECT_EQ(saga.payment, PaymentState::kDeclined);
  saga = Advance(saga, kDone);
  EXPECT_EQ(saga.step, SagaStep::kRelease);
  EXPECT_EQ(Advance(saga, kDone).step, SagaStep::kRecordUnwound);
}

TEST(SagaTest, ALostReservationAfterAuthorisingGivesTheMoneyBack) {
  const Saga saga = After(Fresh(), {kDone, kDone, Refused(CancelReason::kInsufficientStock), kDone, kDone});
  EXPECT_EQ(saga.step, SagaStep::kVoid);
  EXPECT_EQ(Advance(saga, kDone).payment, PaymentState::kVoided);
}

TEST(SagaTest, AnUnknownAnswerAsksAgain) {
  for (int steps = 0; steps < 6; ++steps) {
    const Saga saga = After(Fresh(), std::vector<SagaEvent>(steps, kDone));
    EXPECT_EQ(Advance(saga, kUnknown).step, saga.step) << ToString(saga.step);
    EXPECT_EQ(Advance(saga, kUnknown).phase, saga.phase);
  }
}

TEST(SagaTest, AnUnknownAuthorisationIsVoidedWhenTimeIsUp) {
  const Saga saga = After(Fresh(), {kDone, kUnknown, kOverdue, kDone});
  EXPECT_EQ(saga.refusal.reason, CancelReason::kTimedOut);
  EXPECT_EQ(saga.payment, PaymentState::kPending);
  EXPECT_EQ(Advance(saga, kDone).step, SagaStep::kVoid);
}

TEST(SagaTest, NothingIsOverdueAfterThePivot) {
  const Saga saga = After(Fresh(), {kDone, kDone, kDone, kDone});
  EXPECT_EQ(Advance(saga, kOverdue), saga);
}

TEST(SagaTest, AWishToCancelStopsAPendingOrder) {
  const Saga saga = Resume({.cancel_requested = true}, /*first_drive=*/false);
  EXPECT_EQ(saga.step, SagaStep::kCancel);
  EXPECT_EQ(saga.refusal.reason, CancelReason::kCustomerRequest);
  EXPECT_EQ(Advance(saga, kDone).step, SagaStep::kRelease);
}

TEST(SagaTest, ARefusedCaptureCancelsAndVoids) {
  const Saga saga =
      After(Fresh(), {kDone, kDone, kDone, kDone, Refused(CancelReason::kCaptureRefused), kDone, kDone});
  EXPECT_EQ(saga.step, SagaStep::kVoid);
  EXPECT_EQ(saga.refusal.reason, CancelReason::kCaptureRefused);
}

TEST(SagaTest, WhatWasCapturedIsRefunded) {
  const Saga recorded =
      Resume({.phase = SagaPhase::kUnwinding, .payment = PaymentState::kCaptured}, /*first_drive=*/false);
  EXPECT_EQ(Advance(recorded, kDone).step, SagaStep::kRefund);
  const Saga unrecorded =
      Resume({.phase = SagaPhase::kUnwinding, .payment = PaymentState::kAuthorized}, /*first_drive=*/false);
  const Saga refused = After(unrecorded, {kDone, Refused(CancelReason::kNone)});
  EXPECT_EQ(refused.step, SagaStep::kRefund);
  EXPECT_EQ(After(refused, {kDone, kDone}).phase, SagaPhase::kSettled);
}

TEST(SagaTest, PhasesReadBackAsWritten) {
  for (const SagaPhase phase : kSagaPhases) EXPECT_EQ(SagaPhaseFrom(ToString(phase)), phase);
}

}  // namespace
}  // namespace arasta::order
