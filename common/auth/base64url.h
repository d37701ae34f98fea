// Base64url without padding (RFC 7515), strict: one text for every byte string.
#pragma once

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::auth {

inline std::string EncodeBase64Url(absl::string_view bytes) {
  return absl::WebSafeBase64Escape(bytes);
}

// Nullopt for padding, white space, foreign characters and stray bits in the last character: whatever
// EncodeBase64Url would not have written.
inline absl::optional<std::string> DecodeBase64Url(absl::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || EncodeBase64Url(bytes) != text) return absl::nullopt;
  return bytes;
}

}  // namespace arasta::auth
