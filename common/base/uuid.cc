#include "common/base/uuid.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "common/base/hash.h"

namespace arasta {
namespace {

constexpr size_t kTextLength = 36;
constexpr std::array<size_t, 4> kHyphens = {8, 13, 18, 23};

Uuid::Bytes Random() {
  const std::string random = RandomBytes(16);
  Uuid::Bytes bytes;
  std::copy(random.begin(), random.end(), bytes.begin());
  return bytes;
}

Uuid::Bytes Stamp(Uuid::Bytes bytes, uint8_t version) {
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | version << 4);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  return bytes;
}

}  // namespace

Uuid Uuid::V4() {
  return Uuid(Stamp(Random(), 4));
}

Uuid Uuid::V7(absl::Time time) {
  Bytes bytes = Random();
  const int64_t millis = absl::ToUnixMillis(time);
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<uint8_t>(millis >> (8 * (5 - i)));
  return Uuid(Stamp(bytes, 7));
}

Uuid Uuid::V8(const Bytes& bytes) {
  return Uuid(Stamp(bytes, 8));
}

absl::optional<Uuid> Uuid::Parse(absl::string_view text) {
  if (text.size() != kTextLength) return absl::nullopt;
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = std::find(kHyphens.begin(), kHyphens.end(), i) != kHyphens.end();
    if (hyphen ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) {
      return absl::nullopt;
    }
    if (!hyphen) digits += text[i];
  }
  const std::string raw = absl::HexStringToBytes(digits);
  Bytes bytes;
  std::copy(raw.begin(), raw.end(), bytes.begin());
  return Uuid(bytes);
}

std::string Uuid::ToString() const {
  std::string text =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes_.data()), bytes_.size()));
  for (const size_t at : kHyphens) text.insert(at, 1, '-');
  return text;
}

}  // namespace arasta
