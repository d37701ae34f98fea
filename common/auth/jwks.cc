#include "common/auth/jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/base64url.h"
#include "common/auth/strict_json.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"

namespace arasta::auth {
namespace {

constexpr size_t kCoordinateBytes = 32;
constexpr size_t kMaxKeys = 16;

std::string Coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  std::string bytes(kCoordinateBytes, '\0');
  if (EVP_PKEY_get_bn_param(key, name, &number) == 1) {
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), kCoordinateBytes);
  }
  BN_free(number);
  return bytes;
}

// The value of a string member; empty where it is absent or no string.
std::string Member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool IsForOurSignatures(const nlohmann::json& key) {
  const std::string alg = Member(key, "alg"), use = Member(key, "use");
  return Member(key, "kty") == "EC" && Member(key, "crv") == "P-256" && (alg.empty() || alg == "ES256") &&
         (use.empty() || use == "sig");
}

}  // namespace

absl::StatusOr<PublicKey> PublicKey::FromCoordinates(absl::string_view x, absl::string_view y) {
  const absl::Status invalid = absl::InvalidArgumentError("no P-256 public key");
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return invalid;
  std::string point = absl::StrCat("\x04", x, y);
  std::string group = "prime256v1";
  const std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
  const Context maker(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_fromdata_init(maker.get()) != 1 ||
      EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_PUBLIC_KEY,
                        const_cast<OSSL_PARAM*>(parameters.data())) != 1) {
    return invalid;
  }
  std::shared_ptr<EVP_PKEY> key(made, &EVP_PKEY_free);
  const Context checker(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr), &EVP_PKEY_CTX_free);
  if (EVP_PKEY_public_check(checker.get()) != 1) return invalid;
  return PublicKey(std::move(key));
}

PublicKey::PublicKey(std::shared_ptr<EVP_PKEY> key)
    : key_(std::move(key)),
      x_(Coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X)),
      y_(Coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y)) {}

std::string PublicKey::Thumbprint() const {
  const auto digest = Sha256(absl::StrCat(R"({"crv":"P-256","kty":"EC","x":")", EncodeBase64Url(x_),
                                          R"(","y":")", EncodeBase64Url(y_), R"("})"));
  return EncodeBase64Url(std::string(digest.begin(), digest.end()));
}

absl::StatusOr<KeySet> KeySet::FromJson(absl::string_view json) {
  const absl::optional<nlohmann::json> set = ParseStrictObject(json);
  if (!set.has_value() || !set->contains("keys") || !(*set)["keys"].is_array()) {
    return absl::InvalidArgumentError("no JWK set");
  }
  if ((*set)["keys"].size() > kMaxKeys) return absl::InvalidArgumentError("too many keys");
  KeySet keys;
  for (const nlohmann::json& key : (*set)["keys"]) {
    if (!key.is_object() || !IsForOurSignatures(key)) continue;
    const std::string id = Member(key, "kid");
    const auto x = DecodeBase64Url(Member(key, "x")), y = DecodeBase64Url(Member(key, "y"));
    if (id.empty() || !x.has_value() || !y.has_value()) return absl::InvalidArgumentError("a broken key");
    ASSIGN_OR_RETURN(PublicKey public_key, PublicKey::FromCoordinates(*x, *y));
    keys.Add(id, std::move(public_key));
  }
  return keys;
}

std::string KeySet::ToJson() const {
  nlohmann::json keys = nlohmann::json::array();
  for (const auto& [id, key] : keys_) {
    keys.push_back({{"kty", "EC"},
                    {"crv", "P-256"},
                    {"x", EncodeBase64Url(key.x())},
                    {"y", EncodeBase64Url(key.y())},
                    {"kid", id},
                    {"alg", "ES256"},
                    {"use", "sig"}});
  }
  return nlohmann::json({{"keys", std::move(keys)}}).dump();
}

const PublicKey* KeySet::Find(absl::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace arasta::auth
