// Refresh tokens as they travel. Grammar, base64url without padding over 57 bytes, 76 characters:
//   version (1 byte, 0x01) ‖ session id (16) ‖ counter (8, big-endian) ‖ HMAC-SHA256 (32)
// The MAC is over all before it, under a key of the session's own. A token says which step of its
// session it is; what that step is worth is the session row's business (rotation.h).
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "common/base/uuid.h"

namespace arasta::auth {

struct RefreshToken {
  Uuid session;
  int64_t counter = 0;
};

// Thread-safe.
class RefreshTokenCodec {
 public:
  // Session keys are derived from `key`, so that a forgery is told without a look at the database.
  explicit RefreshTokenCodec(std::string key) : key_(std::move(key)) {}

  // The same session and counter always give the same text: a repeated rotation returns the same
  // successor.
  std::string Encode(const RefreshToken& token) const;

  // Nullopt for all that Encode never made: truncated, flipped, foreign or oversized.
  absl::optional<RefreshToken> Decode(absl::string_view text) const;

 private:
  std::string Mac(absl::string_view head) const;

  const std::string key_;
};

}  // namespace arasta::auth
