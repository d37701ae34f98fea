// Public keys that verify our tokens, by key id, and their JSON form (RFC 7517).
#pragma once

#include <openssl/evp.h>

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::auth {

// A P-256 public key. Copies share the key, which never changes. Thread-safe.
class PublicKey {
 public:
  // The affine coordinates, 32 bytes each, big-endian. INVALID_ARGUMENT where they are no point of the curve.
  static absl::StatusOr<PublicKey> FromCoordinates(absl::string_view x, absl::string_view y);

  // Takes the public half of `key`, which must be a P-256 key.
  explicit PublicKey(std::shared_ptr<EVP_PKEY> key);

  EVP_PKEY* get() const { return key_.get(); }
  const std::string& x() const { return x_; }
  const std::string& y() const { return y_; }

  // RFC 7638's thumbprint, base64url: a key id that needs no bookkeeping.
  std::string Thumbprint() const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::string x_, y_;
};

// A value.
class KeySet {
 public:
  // At most 16 keys. Keys that are not for ES256 signatures are skipped; a broken one is an error.
  static absl::StatusOr<KeySet> FromJson(absl::string_view json);
  std::string ToJson() const;

  void Add(absl::string_view id, PublicKey key) { keys_.insert_or_assign(std::string(id), std::move(key)); }
  // Null where the set has no such key.
  const PublicKey* Find(absl::string_view id) const;
  const std::map<std::string, PublicKey, std::less<>>& keys() const { return keys_; }

 private:
  std::map<std::string, PublicKey, std::less<>> keys_;
};

}  // namespace arasta::auth
