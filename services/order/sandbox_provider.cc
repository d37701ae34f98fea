#include "services/order/sandbox_provider.h"

#include <algorithm>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"

namespace arasta::order {
namespace {

Verdict ToVerdict(const absl::StatusOr<SandboxEntry>& entry) {
  if (!entry.ok()) return entry.status();
  if (entry->refusal_code.empty()) return absl::nullopt;
  return Refusal{.decline_code = entry->refusal_code};
}

std::string DeclineCodeOf(absl::string_view token) {
  if (token == "tok_decline") return "DECLINED";
  if (token == "tok_insufficient_funds") return "INSUFFICIENT_FUNDS";
  const bool approves = token == "tok_approve" || token == "tok_timeout_after_execute" ||
                        token == "tok_slow" || token == "tok_capture_refused";
  return approves ? "" : "UNKNOWN_TOKEN";
}

}  // namespace

Verdict SandboxProvider::Authorize(const Call& call, const PaymentOperation& operation) {
  const absl::StatusOr<SandboxEntry> entry = book_.Authorize(call, operation, DeclineCodeOf(operation.token));
  const bool first = entry.ok() && entry->first;
  if (first && operation.token == "tok_timeout_after_execute")
    return absl::DeadlineExceededError("the sandbox timed out");
  return Answer(call, entry, first && operation.token == "tok_slow");
}

Verdict SandboxProvider::Capture(const Call& call, const PaymentOperation& operation) {
  return Answer(call, book_.Capture(call, operation));
}

Verdict SandboxProvider::Void(const Call& call, const PaymentOperation& operation) {
  return Answer(call, book_.Void(call, operation));
}

Verdict SandboxProvider::Refund(const Call& call, const PaymentOperation& operation) {
  return Answer(call, book_.Refund(call, operation));
}

// It has happened, whether or not the caller waits to hear of it.
Verdict SandboxProvider::Answer(const Call& call, const absl::StatusOr<SandboxEntry>& entry,
                                bool late) const {
  if (entry.ok() && (late || always_slow_)) {
    absl::SleepFor(std::min(slowness_, call.Remaining()));
    if (call.Remaining() <= absl::ZeroDuration()) return absl::DeadlineExceededError("the sandbox is slow");
  }
  return ToVerdict(entry);
}

}  // namespace arasta::order
