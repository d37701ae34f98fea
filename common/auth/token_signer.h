// Issues what TokenVerifier accepts. Used by services/auth, and by tests.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/auth/jwks.h"

namespace arasta::auth {

// A P-256 private key with its id, the thumbprint of the public half. Copies share the key.
class SigningKey {
 public:
  static SigningKey Generate();
  // PKCS#8 PEM, unencrypted.
  static absl::StatusOr<SigningKey> FromPem(absl::string_view pem);
  std::string ToPem() const;

  const std::string& id() const { return id_; }
  const PublicKey& public_key() const { return public_key_; }
  EVP_PKEY* get() const { return key_.get(); }

 private:
  explicit SigningKey(std::shared_ptr<EVP_PKEY> key);

  std::shared_ptr<EVP_PKEY> key_;
  PublicKey public_key_;
  std::string id_;
};

struct Claims {
  std::string subject = {};  // "users/{uuid}" or "guests/{uuid}".
  std::string session = {};
  std::string guest = {};  // "guests/{uuid}" merged into the user; may be empty.
  std::vector<std::string> permissions = {};
  absl::Time issue_time = absl::UnixEpoch();
  absl::Time expire_time =
      absl::UnixEpoch();  // At most kMaxTokenLife after `issue_time`, or nobody accepts it.
  absl::Time authenticated_time = absl::UnixEpoch();
};

// Thread-safe.
class TokenSigner {
 public:
  TokenSigner(SigningKey key, std::string issuer);

  std::string Sign(const Claims& claims) const;
  // Signs any header and payload: for tests of what a verifier must refuse.
  std::string SignRaw(absl::string_view header_json, absl::string_view payload_json) const;

  const SigningKey& key() const { return key_; }

 private:
  SigningKey key_;
  std::string issuer_;
};

}  // namespace arasta::auth
