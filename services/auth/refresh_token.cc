#include "services/auth/refresh_token.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/hash.h"

namespace arasta::auth {
namespace {

constexpr char kVersion = 1;
constexpr size_t kSessionAt = 1;
constexpr size_t kCounterAt = kSessionAt + 16;
constexpr size_t kMacAt = kCounterAt + 8;
constexpr size_t kSize = kMacAt + 32;
// A multiple of three bytes leaves no spare bits: every token has exactly one spelling.
static_assert(kSize % 3 == 0);
constexpr size_t kTextSize = kSize / 3 * 4;

std::string AsString(const std::array<uint8_t, 32>& bytes) {
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace

std::string RefreshTokenCodec::Mac(absl::string_view head) const {
  const absl::string_view session = head.substr(kSessionAt, kCounterAt - kSessionAt);
  return AsString(HmacSha256(AsString(HmacSha256(key_, session)), head));
}

std::string RefreshTokenCodec::Encode(const RefreshToken& token) const {
  std::string bytes(1, kVersion);
  bytes.append(token.session.bytes().begin(), token.session.bytes().end());
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(token.counter >> shift));
  bytes += Mac(bytes);
  return absl::WebSafeBase64Escape(bytes);
}

absl::optional<RefreshToken> RefreshTokenCodec::Decode(absl::string_view text) const {
  // By length first: a megabyte of rubbish costs nothing.
  if (text.size() != kTextSize) return absl::nullopt;
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || bytes.size() != kSize || bytes[0] != kVersion) {
    return absl::nullopt;
  }
  const absl::string_view head = absl::string_view(bytes).substr(0, kMacAt);
  if (!ConstantTimeEquals(Mac(head), absl::string_view(bytes).substr(kMacAt))) return absl::nullopt;

  Uuid::Bytes session;
  std::copy_n(head.begin() + kSessionAt, session.size(), session.begin());
  uint64_t counter = 0;
  for (char byte : head.substr(kCounterAt)) counter = counter << 8 | static_cast<uint8_t>(byte);
  return RefreshToken{Uuid::FromBytes(session), static_cast<int64_t>(counter)};
}

}  // namespace arasta::auth
