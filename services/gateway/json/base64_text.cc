#include "services/gateway/json/base64_text.h"

#include <array>
#include <cstdint>

#include "absl/strings/match.h"

namespace arasta::gateway {
namespace {

constexpr absl::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNoDigit = 0xFF;

constexpr std::array<uint8_t, 256> Values() {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kNoDigit;
  for (size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<size_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  values[static_cast<size_t>('-')] = values[static_cast<size_t>('+')];
  values[static_cast<size_t>('_')] = values[static_cast<size_t>('/')];
  return values;
}
constexpr std::array<uint8_t, 256> kValues = Values();

uint32_t Byte(char c) {
  return static_cast<unsigned char>(c);
}

// Four digits for three bytes; what is beyond the last byte is zero.
char* WriteGroup(uint32_t bits, char* to) {
  for (int shift = 18; shift >= 0; shift -= 6) *to++ = kAlphabet[bits >> shift & 0x3F];
  return to;
}

}  // namespace

void AppendBase64(absl::string_view bytes, ByteOutput& out) {
  char* to = out.Room((bytes.size() + 2) / 3 * 4);
  for (; bytes.size() >= 3; bytes.remove_prefix(3)) {
    to = WriteGroup(Byte(bytes[0]) << 16 | Byte(bytes[1]) << 8 | Byte(bytes[2]), to);
  }
  if (!bytes.empty()) {
    to = WriteGroup(Byte(bytes[0]) << 16 | (bytes.size() == 2 ? Byte(bytes[1]) << 8 : 0), to);
    to[-1] = '=';
    if (bytes.size() == 1) to[-2] = '=';
  }
  out.SetEnd(to);
}

bool AppendFromBase64(absl::string_view text, ByteOutput& out) {
  if (absl::EndsWith(text, "=")) {
    if (text.size() % 4 != 0) return false;
    text.remove_suffix(absl::EndsWith(text, "==") ? 2 : 1);
  }
  if (text.size() % 4 == 1) return false;
  char* to = out.Room(text.size() / 4 * 3 + 3);
  uint32_t bits = 0;
  unsigned held = 0;  // bits that are no whole byte yet
  for (const char c : text) {
    const uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kNoDigit) return false;
    bits = bits << 6 | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    *to++ = static_cast<char>(bits >> held);
  }
  out.SetEnd(to);
  return true;
}

}  // namespace arasta::gateway
