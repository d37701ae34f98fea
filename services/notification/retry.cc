#include "services/notification/retry.h"

#include <algorithm>

namespace arasta::notification {
namespace {

constexpr absl::Duration kFirstDelay = absl::Seconds(5);
constexpr absl::Duration kLongestDelay = absl::Hours(4);
constexpr int kDoublings = 12;

}  // namespace

absl::Duration RetryDelay(int failures, double random) {
  const int doublings = std::clamp(failures - 1, 0, kDoublings);
  return random * std::min(kFirstDelay * (1 << doublings), kLongestDelay);
}

}  // namespace arasta::notification
