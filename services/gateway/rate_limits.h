// How often a client may call: a token bucket for each class of methods and one for all calls from an
// address.
//
//   limits = limit ["," limit …]
//   limit  = name "=" ( count "/" ("s" | "m" | "h") ":" burst | "off" )
//   name   = "address" | "read" | "search" | "write" | "checkout" | "credential" | "bulk"
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "arasta/options/v1/options.pb.h"

namespace arasta::gateway {

struct RateLimit {
  int64_t interval_ns = 0;  // in which a token comes; 0: no limit
  int64_t burst = 0;        // tokens of a full bucket

  bool limited() const { return interval_ns > 0; }
  // How long an empty bucket takes to fill.
  int64_t depth_ns() const { return interval_ns * burst; }

  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

// By class; the place of RATE_CLASS_UNSPECIFIED, which no call is charged to, is that of addresses.
inline constexpr size_t kRates = options::v1::RATE_CLASS_BULK + 1;
using RateLimits = std::array<RateLimit, kRates>;
inline constexpr size_t kAddressRate = options::v1::RATE_CLASS_UNSPECIFIED;

// "read"; "address" for kAddressRate.
absl::string_view RateName(size_t rate);

// Changes what `text` names, and nothing else; INVALID_ARGUMENT quotes the entry that is wrong.
absl::Status ApplyRateLimits(absl::string_view text, RateLimits& limits);

}  // namespace arasta::gateway
