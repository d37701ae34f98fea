#include "services/notification/retry.h"

#include <algorithm>

namespace arasta::notification {
namespace {

constexpr absl::Duration kShortestDelay = absl::Seconds(5);
constexpr absl::Duration kLongestDelay = absl::Hours(4);
constexpr absl::Duration kAwayDelay = absl::Seconds(25);
constexpr int kDoublings = 12;
constexpr int kMaxRefusals = 24;
// At 15 s on average: ten minutes.
constexpr int kPatientFailures = 40;

absl::Duration LimitOf(Trouble trouble, int failures) {
  const int late = trouble == Trouble::kAway ? failures - kPatientFailures : failures;
  const absl::Duration limit = kShortestDelay * (1 << std::clamp(late, 1, kDoublings));
  if (trouble == Trouble::kRefused) return std::min(limit, kLongestDelay);
  const absl::Duration soon = kShortestDelay * (1 << std::clamp(failures, 1, kDoublings));
  return std::clamp(limit, std::min(soon, kAwayDelay), kLongestDelay);
}

}  // namespace

int MaxFailures(Trouble trouble) {
  return trouble == Trouble::kAway ? kPatientFailures + kMaxRefusals : kMaxRefusals;
}

absl::Duration RetryDelay(Trouble trouble, int failures, double random) {
  return kShortestDelay + random * (LimitOf(trouble, failures) - kShortestDelay);
}

}  // namespace arasta::notification
