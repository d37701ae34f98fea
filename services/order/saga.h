// The checkout saga as a pure step function: what to do next, and what an outcome changes. It knows
// no store, peer or clock, so that a simulation can run it through every crash; checkout.h drives it.
//
//   DECIDING    RESERVE → AUTHORIZE → COMMIT_RESERVATION → CONFIRM    any refusal → CANCEL
//   CAPTURING   CAPTURE → RECORD_CAPTURE                              a refusal → CANCEL
//   UNWINDING   RELEASE → VOID or REFUND → RECORD_UNWOUND
//
// CONFIRM is the pivot: before it everything compensates, committed stock too; after it everything
// retries. The steps inside a phase are not written down: whoever takes over repeats the phase from its
// first step, and the keys of the calls make that harmless.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/order/order_state.h"

namespace arasta::order {

enum class SagaPhase { kDeciding, kCapturing, kUnwinding, kSettled };
inline constexpr std::array kSagaPhases = {SagaPhase::kDeciding, SagaPhase::kCapturing, SagaPhase::kUnwinding,
                                           SagaPhase::kSettled};

enum class SagaStep {
  kReserve,
  kAuthorize,
  kCommitReservation,
  kConfirm,
  kCancel,
  kCapture,
  kRecordCapture,
  kRelease,
  kVoid,
  kRefund,
  kRecordUnwound,
  kNone
};

// Why a peer or the provider said no for good.
struct Refusal {
  CancelReason reason = CancelReason::kNone;
  // For kInsufficientStock and kWithdrawn: of what, and how many there were.
  std::string sku = {};
  int64_t available = 0;
  // For kPaymentDeclined: the provider's word, such as "INSUFFICIENT_FUNDS".
  std::string decline_code = {};

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// What a peer or the provider answers to a step: nullopt, it is done; a refusal, a definite no; a status,
// nothing that decides: it may have happened, so ask again with the same key.
using Verdict = absl::StatusOr<absl::optional<Refusal>>;

// What became of the step that was tried.
struct SagaEvent {
  enum class Kind {
    kDone,
    // A definite no.
    kRefused,
    // No answer, or none that decides: it may have happened. Ask again with the same key.
    kUnknown,
    // As kUnknown, and the time allowed for deciding is over.
    kOverdue
  };
  Kind kind;
  Refusal refusal = {};
};

// A value: one order's saga as its driver sees it.
struct Saga {
  SagaPhase phase = SagaPhase::kDeciding;
  SagaStep step = SagaStep::kReserve;
  PaymentState payment = PaymentState::kPending;
  Refusal refusal = {};
  // What this driver, or one that died, may have left at the catalog and at the provider.
  bool stock_may_be_held = false;
  bool money_may_be_held = false;

  friend bool operator==(const Saga&, const Saga&) = default;
};

// What is written down of a saga.
struct SagaRecord {
  SagaPhase phase = SagaPhase::kDeciding;
  PaymentState payment = PaymentState::kPending;
  bool cancel_requested = false;
};

// Takes up a saga from its record. `first_drive` says that nobody has tried a step of it before.
Saga Resume(const SagaRecord& record, bool first_drive);

// The saga after `event` became of `saga.step`. Total: an event that a step can't have leaves it as it is.
Saga Advance(Saga saga, const SagaEvent& event);

// PLACED or CANCELLED is written down: the customer can be answered.
inline bool Decided(const Saga& saga) {
  return saga.phase != SagaPhase::kDeciding;
}

absl::string_view ToString(SagaPhase phase);
absl::string_view ToString(SagaStep step);
absl::optional<SagaPhase> SagaPhaseFrom(absl::string_view word);

}  // namespace arasta::order
