#include "services/gateway/rate_limiter.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/errors.h"

namespace arasta::gateway {
namespace {

constexpr size_t kNetworkBytes = 8;  // a /64
constexpr absl::string_view kMappedIpv4 = "::ffff:";

// Murmur's finalizer: every bit of the result depends on every bit of the word.
uint64_t Mix(uint64_t word) {
  word = (word ^ (word >> 33)) * 0xff51afd7ed558ccdULL;
  word = (word ^ (word >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return word ^ (word >> 33);
}

// Not fit against those who choose their text freely: principals are named by auth, and addresses are given.
uint64_t KeyOf(char kind, absl::string_view text) {
  uint64_t key = Mix(static_cast<uint64_t>(kind) << 32 | text.size());
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t count = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), count);
    key = Mix(key ^ word) + word;
    text.remove_prefix(count);
  }
  return key == 0 ? 1 : key;  // 0 is a free slot
}

int64_t SecondsUp(int64_t ns) {
  return (ns + 999'999'999) / 1'000'000'000;
}

std::unique_ptr<RateRefusal> Refusal(size_t rate, const RateTable& table,
                                     const RateTable::Decision& decision) {
  auto refusal = std::make_unique<RateRefusal>();
  refusal->status = WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, "RATE_LIMITED",
                                         "too many calls", {{"rate", std::string(RateName(rate))}}),
                                   absl::Nanoseconds(decision.retry_ns));
  const auto add = [&](absl::string_view name, int64_t value) {
    refusal->fields.Add(name, absl::StrCat(value), Indexing::kNever);
  };
  add("retry-after", SecondsUp(decision.retry_ns));
  add("ratelimit-limit", table.limit().burst);
  add("ratelimit-remaining", 0);
  add("ratelimit-reset", SecondsUp(decision.full_ns));
  return refusal;
}

}  // namespace

uint64_t RateKeyOfPrincipal(absl::string_view name) {
  return KeyOf('p', name);
}

uint64_t RateKeyOfAddress(absl::string_view address) {
  if (absl::StartsWith(address, kMappedIpv4) && absl::StrContains(address, '.')) {
    address.remove_prefix(kMappedIpv4.size());
  }
  if (!absl::StrContains(address, ':')) return KeyOf('4', address);
  in6_addr v6{};
  const std::string text(address.substr(0, address.find('%')));
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return KeyOf('?', address);
  return KeyOf('6', {reinterpret_cast<const char*>(&v6), kNetworkBytes});
}

RateLimiter::RateLimiter(const RateLimits& limits, const RateLimiter* before) {
  for (size_t rate = 0; rate < limits.size(); ++rate) {
    if (!limits[rate].limited()) continue;
    const bool known =
        before != nullptr && before->table(rate) != nullptr && before->table(rate)->limit() == limits[rate];
    rates_[rate].table = known ? before->rates_[rate].table : std::make_shared<RateTable>(limits[rate]);
    const metrics::Labels labels = {{"rate", std::string(RateName(rate))}};
    rates_[rate].refused = &metrics::NewCounter("arasta_gateway_rate_limited_total",
                                                "Calls refused as there were too many", labels);
    rates_[rate].takeovers =
        &metrics::NewCounter("arasta_gateway_rate_takeovers_total",
                             "Keys that took over another's bucket as there was no free slot", labels);
  }
}

std::unique_ptr<RateRefusal> RateLimiter::Take(size_t rate, uint64_t key, int64_t now_ns) {
  const Rate& limited = rates_[rate];
  if (limited.table == nullptr) return nullptr;
  const RateTable::Decision decision = limited.table->Take(key, now_ns);
  if (decision.took_over) limited.takeovers->Increment();
  if (decision.allowed) return nullptr;
  limited.refused->Increment();
  return Refusal(rate, *limited.table, decision);
}

}  // namespace arasta::gateway
