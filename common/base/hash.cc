#include "common/base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>

namespace arasta {
namespace {

// OpenSSL fails here only without memory or without a random source; no caller could go on.
void Require(bool worked) {
  if (!worked) std::abort();
}

}  // namespace

std::array<uint8_t, 32> Sha256(absl::string_view text) {
  std::array<uint8_t, 32> digest;
  Require(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return digest;
}

std::array<uint8_t, 32> HmacSha256(absl::string_view key, absl::string_view text) {
  std::array<uint8_t, 32> digest;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  // A null key would mean "the key of the last call".
  const void* key_bytes = key.empty() ? "" : key.data();
  Require(HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()), bytes, text.size(), digest.data(),
               nullptr) != nullptr);
  return digest;
}

uint64_t StableHash(absl::string_view text) {
  const std::array<uint8_t, 32> digest = Sha256(text);
  uint64_t hash = 0;
  for (size_t i = 0; i < 8; ++i) hash = hash << 8 | digest[i];
  return hash;
}

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) == 1);
  return bytes;
}

bool ConstantTimeEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace arasta
