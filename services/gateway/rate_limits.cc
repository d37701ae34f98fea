#include "services/gateway/rate_limits.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace arasta::gateway {
namespace {

constexpr std::array<absl::string_view, kRates> kNames = {"address",  "read",       "search", "write",
                                                          "checkout", "credential", "bulk"};
constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kMaxCount = 1'000'000;
// Of a bucket; longer than any client should be kept waiting.
constexpr int64_t kMaxDepthNs = 24 * 3600 * kSecondNs;

int64_t UnitNs(absl::string_view unit) {
  if (unit == "s") return kSecondNs;
  if (unit == "m") return 60 * kSecondNs;
  if (unit == "h") return 3600 * kSecondNs;
  return 0;
}

bool ParseCount(absl::string_view text, int64_t& count) {
  return absl::SimpleAtoi(text, &count) && count > 0 && count <= kMaxCount;
}

// "50/s:100".
bool ParseLimit(absl::string_view text, RateLimit& limit) {
  if (text == "off") {
    limit = RateLimit();
    return true;
  }
  const std::pair<absl::string_view, absl::string_view> rate_and_burst =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  const std::pair<absl::string_view, absl::string_view> count_and_unit =
      absl::StrSplit(rate_and_burst.first, absl::MaxSplits('/', 1));
  int64_t count = 0;
  const int64_t unit_ns = UnitNs(count_and_unit.second);
  if (unit_ns == 0 || !ParseCount(count_and_unit.first, count)) return false;
  if (!ParseCount(rate_and_burst.second, limit.burst)) return false;
  limit.interval_ns = unit_ns / count;
  return limit.depth_ns() <= kMaxDepthNs;
}

}  // namespace

absl::string_view RateName(size_t rate) {
  return kNames[rate];
}

absl::Status ApplyRateLimits(absl::string_view text, RateLimits& limits) {
  for (const absl::string_view entry : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::pair<absl::string_view, absl::string_view> name_and_limit =
        absl::StrSplit(absl::StripAsciiWhitespace(entry), absl::MaxSplits('=', 1));
    const auto name = std::find(kNames.begin(), kNames.end(), name_and_limit.first);
    RateLimit limit;
    if (name == kNames.end() || !ParseLimit(name_and_limit.second, limit))
      return absl::InvalidArgumentError(absl::StrCat("no rate limit: \"", entry, "\""));
    limits[static_cast<size_t>(name - kNames.begin())] = limit;
  }
  return absl::OkStatus();
}

}  // namespace arasta::gateway
