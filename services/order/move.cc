#include "services/order/move.h"

#include "common/base/status_macros.h"

namespace arasta::order {

bool WritesRecord(SagaStep step) {
  return step == SagaStep::kConfirm || step == SagaStep::kCancel || step == SagaStep::kRecordCapture ||
         step == SagaStep::kRecordUnwound;
}

bool OnlySettles(const Saga& saga, const SagaRecord& record) {
  return saga.step == SagaStep::kRecordUnwound && saga.payment == record.payment;
}

absl::StatusOr<Move> MoveOf(const Saga& saga, const SagaRecord& record, OrderState state) {
  Move move{.from_phase = saga.phase,
            .phase = Advance(saga, {SagaEvent::Kind::kDone}).phase,
            .state = state,
            .from_payment = record.payment,
            .payment = saga.payment,
            .action = std::string(ToString(saga.payment))};
  if (saga.step == SagaStep::kConfirm) {
    ASSIGN_OR_RETURN(move.state, Next(state, OrderCommand::kPlace));
    move.action = "PLACED";
  } else if (saga.step == SagaStep::kCancel) {
    ASSIGN_OR_RETURN(move.state, Next(state, OrderCommand::kCancel));
    move.action = "CANCELLED";
    move.refusal = saga.refusal;
  }
  return move;
}

absl::StatusOr<Move> CancelByCustomer(const SagaRecord& record, OrderState state) {
  ASSIGN_OR_RETURN(const OrderState cancelled, Next(state, OrderCommand::kCancel));
  return Move{.from_phase = record.phase,
              .phase = SagaPhase::kUnwinding,
              .state = cancelled,
              .from_payment = record.payment,
              .payment = record.payment,
              .action = "CANCELLED",
              .refusal = {.reason = CancelReason::kCustomerRequest}};
}

}  // namespace arasta::order
