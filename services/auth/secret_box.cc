#include "services/auth/secret_box.h"

#include <sodium.h>

#include <cstdlib>
#include <utility>

#include "common/base/hash.h"

namespace arasta::auth {
namespace {

constexpr size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::string DeriveKey(absl::string_view master_key, absl::string_view purpose) {
  const auto key = HmacSha256(master_key, purpose);
  return std::string(key.begin(), key.end());
}

SecretBox::SecretBox(std::string key) : key_(std::move(key)) {
  if (sodium_init() < 0 || key_.size() != crypto_aead_xchacha20poly1305_ietf_KEYBYTES) std::abort();
}

std::string SecretBox::Seal(absl::string_view secret, absl::string_view identity) const {
  const std::string nonce = RandomBytes(kNonce);
  std::string box(secret.size() + kTag, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(Bytes(box), nullptr, Bytes(secret), secret.size(),
                                             Bytes(identity), identity.size(), nullptr,
                                             Bytes(absl::string_view(nonce)), Bytes(absl::string_view(key_)));
  return nonce + box;
}

absl::StatusOr<std::string> SecretBox::Open(absl::string_view sealed, absl::string_view identity) const {
  if (sealed.size() < kNonce + kTag) return absl::DataLossError("a sealed secret is too short");
  const absl::string_view box = sealed.substr(kNonce);
  std::string secret(box.size() - kTag, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(Bytes(secret), nullptr, nullptr, Bytes(box), box.size(),
                                                 Bytes(identity), identity.size(), Bytes(sealed),
                                                 Bytes(absl::string_view(key_))) != 0) {
    return absl::DataLossError("a sealed secret does not open: wrong master key, or a changed row");
  }
  return secret;
}

}  // namespace arasta::auth
