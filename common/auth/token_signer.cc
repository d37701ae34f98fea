#include "common/auth/token_signer.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/base64url.h"
#include "common/auth/token_verifier.h"

namespace arasta::auth {
namespace {

// OpenSSL writes ECDSA signatures as DER; JWS wants r and s, 32 bytes each.
std::string FixedSignature(const std::string& der) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* parsed = d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size()));
  if (parsed == nullptr) std::abort();
  std::string fixed(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(fixed.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(parsed), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(parsed), out + 32, 32);
  ECDSA_SIG_free(parsed);
  return fixed;
}

// Only a key that is not one, or no memory, can make it fail.
std::string SignEs256(EVP_PKEY* key, absl::string_view text) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    std::abort();
  }
  std::string der(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size, bytes,
                     text.size()) != 1) {
    std::abort();
  }
  der.resize(size);
  return FixedSignature(der);
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

}  // namespace

SigningKey::SigningKey(std::shared_ptr<EVP_PKEY> key)
    : key_(std::move(key)), public_key_(key_), id_(public_key_.Thumbprint()) {}

SigningKey SigningKey::Generate() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  if (key == nullptr) std::abort();
  return SigningKey(std::shared_ptr<EVP_PKEY>(key, &EVP_PKEY_free));
}

absl::StatusOr<SigningKey> SigningKey::FromPem(absl::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr),
                                &EVP_PKEY_free);
  char group[32] = "";
  if (key == nullptr || EVP_PKEY_get_group_name(key.get(), group, sizeof(group), nullptr) != 1 ||
      absl::string_view(group) != "prime256v1") {
    return absl::InvalidArgumentError("not the PEM of a P-256 private key");
  }
  return SigningKey(std::move(key));
}

std::string SigningKey::ToPem() const {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    std::abort();
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

TokenSigner::TokenSigner(SigningKey key, std::string issuer)
    : key_(std::move(key)), issuer_(std::move(issuer)) {}

std::string TokenSigner::Sign(const Claims& claims) const {
  nlohmann::json payload = {{"iss", issuer_},
                            {"aud", kAudience},
                            {"sub", claims.subject},
                            {"iat", absl::ToUnixSeconds(claims.issue_time)},
                            {"exp", absl::ToUnixSeconds(claims.expire_time)},
                            {"auth_time", absl::ToUnixSeconds(claims.authenticated_time)},
                            {"perms", claims.permissions}};
  if (!claims.session.empty()) payload["sid"] = claims.session;
  if (!claims.guest.empty()) payload["guest"] = claims.guest;
  const nlohmann::json header = {{"alg", "ES256"}, {"typ", "at+jwt"}, {"kid", key_.id()}};
  return SignRaw(header.dump(), payload.dump());
}

std::string TokenSigner::SignRaw(absl::string_view header_json, absl::string_view payload_json) const {
  const std::string signed_part =
      absl::StrCat(EncodeBase64Url(header_json), ".", EncodeBase64Url(payload_json));
  return absl::StrCat(signed_part, ".", EncodeBase64Url(SignEs256(key_.get(), signed_part)));
}

}  // namespace arasta::auth
