#include "services/gateway/base64_decoder.h"

namespace arasta::gateway {
namespace {

constexpr uint32_t kInvalid = 64;

uint32_t ValueOf(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0' + 52);
  if (c == '+') return 62;
  if (c == '/') return 63;
  return kInvalid;
}

}  // namespace

bool Base64Decoder::Decode(absl::string_view text, std::string& out) {
  for (const char c : text) {
    group_[count_++] = c;
    if (count_ < group_.size()) continue;
    count_ = 0;
    if (!DecodeGroup(out)) return false;
  }
  return true;
}

bool Base64Decoder::DecodeGroup(std::string& out) {
  const size_t padding = group_[3] != '=' ? 0 : group_[2] != '=' ? 1 : 2;
  uint32_t bits = 0;
  for (size_t i = 0; i < group_.size(); ++i) {
    const uint32_t value = i < group_.size() - padding ? ValueOf(group_[i]) : 0;
    if (value == kInvalid) return false;
    bits = bits << 6 | value;
  }
  const std::array<char, 3> bytes = {static_cast<char>(bits >> 16), static_cast<char>(bits >> 8),
                                     static_cast<char>(bits)};
  // Bits beyond the last byte must be zero, or two texts would mean the same bytes.
  if ((padding == 1 && bytes[2] != 0) || (padding == 2 && bytes[1] != 0)) return false;
  out.append(bytes.data(), bytes.size() - padding);
  return true;
}

}  // namespace arasta::gateway
