#include "services/notification/retry.h"

#include <algorithm>

namespace arasta::notification {
namespace {

constexpr absl::Duration kShortestDelay = absl::Seconds(5);
constexpr absl::Duration kLongestDelay = absl::Hours(4);
constexpr int kDoublings = 12;

}  // namespace

absl::Duration RetryDelay(int failures, double random) {
  const int doublings = std::clamp(failures, 1, kDoublings);
  const absl::Duration limit = std::min(kShortestDelay * (1 << doublings), kLongestDelay);
  return kShortestDelay + random * (limit - kShortestDelay);
}

}  // namespace arasta::notification
