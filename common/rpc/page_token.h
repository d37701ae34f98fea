// Opaque page tokens: base64url(version ‖ 16 bytes of HMAC ‖ cursor). The HMAC covers the cursor and a
// fingerprint of the request, so a token can be neither forged nor carried over to another list.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace arasta::rpc {

// Thread-safe.
class PageTokens {
 public:
  explicit PageTokens(std::string secret) : secret_(std::move(secret)) {}

  std::string Encode(absl::string_view cursor, absl::string_view fingerprint) const;
  // The cursor; empty for the empty token, which asks for the first page. INVALID_ARGUMENT naming
  // page_token for anything that Encode did not write for this request.
  absl::StatusOr<std::string> Decode(absl::string_view token, absl::string_view fingerprint) const;

 private:
  std::string Mac(absl::string_view cursor, absl::string_view fingerprint) const;

  std::string secret_;
};

// A hash of the request without page_size and page_token: what must not change between pages.
std::string FingerprintOf(const google::protobuf::Message& request);

}  // namespace arasta::rpc
