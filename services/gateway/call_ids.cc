#include "services/gateway/call_ids.h"

#include <algorithm>
#include <cstdint>

namespace arasta::gateway {
namespace {

constexpr size_t kMaxRequestId = 128;

// Sixteen hex digits, never all of them zero: W3C forbids such ids.
void AppendHex(absl::InsecureBitGen& random, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto bits = absl::Uniform<uint64_t>(random, 1u, UINT64_MAX);
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kDigits[bits >> shift & 15]);
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

std::string NewTraceparent(absl::InsecureBitGen& random) {
  std::string text = "00-";
  text.reserve(55);
  AppendHex(random, text);
  AppendHex(random, text);
  text.push_back('-');
  AppendHex(random, text);
  text.append("-01");
  return text;
}

}  // namespace arasta::gateway
