// Decides whether a caller has called too often. One for all workers of a generation; the decision is made
// here, at once, whatever other gateways and Redis do (rate_sharing.h).
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/metrics/metrics.h"
#include "services/gateway/header_block.h"
#include "services/gateway/rate_table.h"

namespace arasta::gateway {

// Whom to charge; the same in every gateway.
uint64_t RateKeyOfPrincipal(absl::string_view name);
// An IPv4 address, or the /64 of an IPv6 one: what one household or one machine is given.
uint64_t RateKeyOfAddress(absl::string_view address);

struct RateRefusal {
  absl::Status status;  // RESOURCE_EXHAUSTED, RATE_LIMITED, with RetryInfo
  HeaderBlock fields;   // retry-after and ratelimit-*, for protocols with HTTP fields
};

// Thread-safe.
class RateLimiter {
 public:
  // Goes on with the buckets of `before` where the limit is the same; all others are full.
  explicit RateLimiter(const RateLimits& limits, const RateLimiter* before = nullptr);

  // Takes a token; `rate` is a class or kAddressRate. Null where there was one, or no limit. `now_ns` as
  // Loop::now_ns.
  std::unique_ptr<RateRefusal> Take(size_t rate, uint64_t key, int64_t now_ns);

  // Null where there is no limit.
  RateTable* table(size_t rate) const { return rates_[rate].table.get(); }

 private:
  struct Rate {
    std::shared_ptr<RateTable> table;
    metrics::Counter* refused = nullptr;
    metrics::Counter* takeovers = nullptr;
  };

  std::array<Rate, kRates> rates_;
};

}  // namespace arasta::gateway
