#include "services/gateway/call_ids.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/types/optional.h"
#include "common/trace/recording.h"
#include "common/trace/trace.h"

namespace arasta::gateway {
namespace {

constexpr size_t kMaxRequestId = 128;
constexpr size_t kTraceparentSize = 55;

// Sixteen hex digits, never all of them zero: W3C forbids such ids.
uint64_t AppendHex(absl::InsecureBitGen& random, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto bits = absl::Uniform<uint64_t>(random, 1u, UINT64_MAX);
  std::array<char, 16> digits;
  for (size_t i = 0; i < digits.size(); ++i) digits[i] = kDigits[bits >> (60 - 4 * i) & 15];
  out.append(digits.data(), digits.size());
  return bits;
}

}  // namespace

std::string RequestId(absl::string_view given, absl::InsecureBitGen& random) {
  const bool fine = !given.empty() && given.size() <= kMaxRequestId &&
                    std::all_of(given.begin(), given.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (fine) return std::string(given);
  std::string id;
  id.reserve(32);
  AppendHex(random, id);
  AppendHex(random, id);
  return id;
}

absl::string_view TraceIdOf(absl::string_view traceparent) {
  return traceparent.size() < kTraceparentSize ? absl::string_view() : traceparent.substr(3, 32);
}

std::string Traceparent(absl::string_view given, absl::InsecureBitGen& random) {
  const absl::optional<trace::Context> parent = given.empty() ? absl::nullopt : trace::Context::Parse(given);
  std::string text = "00-";
  text.reserve(kTraceparentSize);
  bool sampled = parent && parent->sampled();
  if (parent) {
    text.append(given.data() + 3, TraceIdOf(given).size());
  } else {
    AppendHex(random, text);
    sampled = trace::IsSampled(AppendHex(random, text));
  }
  text.push_back('-');
  AppendHex(random, text);
  text.append(sampled ? "-01" : "-00");
  return text;
}

bool Continues(absl::string_view traceparent, absl::string_view given) {
  return TraceIdOf(traceparent) == TraceIdOf(given);
}

}  // namespace arasta::gateway
