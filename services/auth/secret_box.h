// Secrets at rest: sealed by XChaCha20-Poly1305 under a key derived from the master key, and bound to
// the row they stand in, so that one row's secret can't be moved to another. And the derivation itself:
// one master key from a file, a key of its own for every purpose.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::auth {

// Bytes of key material for `purpose`, such as "refresh-token". 32 bytes.
std::string DeriveKey(absl::string_view master_key, absl::string_view purpose);

// Thread-safe. Layout of a sealed secret: nonce (24 bytes) ‖ ciphertext ‖ tag (16).
class SecretBox {
 public:
  // `key` is 32 bytes, from DeriveKey.
  explicit SecretBox(std::string key);

  std::string Seal(absl::string_view secret, absl::string_view identity) const;
  // DATA_LOSS: the secret, its key or its row is not the one that was sealed.
  absl::StatusOr<std::string> Open(absl::string_view sealed, absl::string_view identity) const;

 private:
  const std::string key_;
};

}  // namespace arasta::auth
