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
  if (!entry.ok() || !entry->first) return ToVerdict(entry);
  if (operation.token == "tok_timeout_after_execute")
    return absl::DeadlineExceededError("the sandbox timed out");
  if (operation.token == "tok_slow") {
    absl::SleepFor(std::min(slowness_, call.Remaining()));
    if (call.Remaining() <= absl::ZeroDuration()) return absl::DeadlineExceededError("the sandbox is slow");
  }
  return ToVerdict(entry);
}

Verdict SandboxProvider::Capture(const Call& call, const PaymentOperation& operation) {
  return ToVerdict(book_.Capture(call, operation));
}

Verdict SandboxProvider::Void(const Call& call, const PaymentOperation& operation) {
  return ToVerdict(book_.Void(call, operation));
}

Verdict SandboxProvider::Refund(const Call& call, const PaymentOperation& operation) {
  return ToVerdict(book_.Refund(call, operation));
}

}  // namespace arasta::order
