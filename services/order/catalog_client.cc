#include "services/order/catalog_client.h"

#include <string>

#include "absl/strings/numbers.h"
#include "common/base/errors.h"

namespace arasta::order {

// Only what catalog says about the goods decides; everything else is asked again.
Verdict VerdictOf(const absl::Status& answer) {
  if (answer.ok()) return absl::nullopt;
  const std::string reason = ReasonOf(answer);
  Refusal refusal{.sku = MetadataOf(answer, "sku")};
  if (reason == "INSUFFICIENT_STOCK") {
    refusal.reason = CancelReason::kInsufficientStock;
    if (!absl::SimpleAtoi(MetadataOf(answer, "available"), &refusal.available)) refusal.available = 0;
    return refusal;
  }
  if (reason == "UNKNOWN_SKU") {
    refusal.reason = CancelReason::kWithdrawn;
    return refusal;
  }
  return answer;
}

}  // namespace arasta::order
