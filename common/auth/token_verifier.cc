#include "common/auth/token_verifier.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/auth/base64url.h"
#include "common/auth/strict_json.h"
#include "common/base/errors.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"

namespace arasta::auth {
namespace {

using nlohmann::json;

constexpr size_t kCacheGeneration = 4096;

absl::Status Refused(absl::string_view reason = kInvalidToken) {
  return Error(absl::StatusCode::kUnauthenticated, reason, "the access token is not valid");
}

// True where the member is there and is this string.
bool Is(const json& object, const char* name, absl::string_view expected) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() && found->get_ref<const std::string&>() == expected;
}

// An optional string: absent is empty, another type is nullopt.
absl::optional<std::string> Text(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return absl::nullopt;
  return found->get<std::string>();
}

// A required time in whole seconds: 1.7e9 and "1700000000" are refused.
absl::optional<absl::Time> Seconds(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) return absl::nullopt;
  const uint64_t seconds = found->get<uint64_t>();
  if (seconds > (uint64_t{1} << 40)) return absl::nullopt;
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

// The header is exactly what we sign: three members, so that no jwk, jku, x5u, x5c, crit, b64 or zip
// can mean anything to anybody. The key id, or nullopt.
absl::optional<std::string> KeyIdOf(const json& header) {
  if (header.size() != 3 || !Is(header, "alg", "ES256") || !Is(header, "typ", "at+jwt")) return absl::nullopt;
  const absl::optional<std::string> id = Text(header, "kid");
  return id.has_value() && !id->empty() ? id : absl::nullopt;
}

bool SignatureHolds(const PublicKey& key, absl::string_view text, absl::string_view signature) {
  if (signature.size() != 64) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parsed(ECDSA_SIG_new(), &ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(bytes, 32, nullptr);
  BIGNUM* s = BN_bin2bn(bytes + 32, 32, nullptr);
  // OpenSSL checks the range as well; a verifier that once did not was CVE-2022-21449.
  const bool zero = BN_is_zero(r) == 1 || BN_is_zero(s) == 1;
  ECDSA_SIG_set0(parsed.get(), r, s);
  if (zero) return false;

  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parsed.get(), &der);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const bool holds = size > 0 &&
                     EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
                     EVP_DigestVerify(context.get(), der, static_cast<size_t>(size),
                                      reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  OPENSSL_free(der);
  return holds;
}

absl::optional<Principal::Kind> KindOf(absl::string_view name) {
  for (const auto& [prefix, kind] : {std::make_pair("users/", Principal::Kind::kUser),
                                     std::make_pair("guests/", Principal::Kind::kGuest)}) {
    if (absl::StartsWith(name, prefix) && Uuid::Parse(name.substr(absl::string_view(prefix).size())))
      return kind;
  }
  return absl::nullopt;
}

absl::optional<std::vector<std::string>> PermissionsOf(const json& payload) {
  std::vector<std::string> permissions;
  const auto found = payload.find("perms");
  if (found == payload.end()) return permissions;
  if (!found->is_array()) return absl::nullopt;
  for (const json& permission : *found) {
    if (!permission.is_string()) return absl::nullopt;
    permissions.push_back(permission.get<std::string>());
  }
  return permissions;
}

bool TimesHold(absl::Time issued, absl::Time expires, absl::Time now) {
  return expires - issued <= kMaxTokenLife && issued <= expires && issued <= now + kTokenLeeway &&
         now < expires + kTokenLeeway;
}

absl::optional<Principal> PrincipalOf(const json& payload, absl::string_view issuer, absl::Time now) {
  if (!Is(payload, "iss", issuer) || !Is(payload, "aud", kAudience)) return absl::nullopt;
  const auto issued = Seconds(payload, "iat"), expires = Seconds(payload, "exp");
  const auto authenticated = Seconds(payload, "auth_time");
  if (!issued.has_value() || !expires.has_value() || !authenticated.has_value()) return absl::nullopt;
  if (!TimesHold(*issued, *expires, now)) return absl::nullopt;

  const auto subject = Text(payload, "sub"), session = Text(payload, "sid"), guest = Text(payload, "guest");
  auto permissions = PermissionsOf(payload);
  if (!subject.has_value() || !session.has_value() || !guest.has_value() || !permissions.has_value()) {
    return absl::nullopt;
  }
  const absl::optional<Principal::Kind> kind = KindOf(*subject);
  if (!kind.has_value()) return absl::nullopt;
  if (!guest->empty() && KindOf(*guest) != Principal::Kind::kGuest) return absl::nullopt;
  return Principal{*kind, *subject, *guest, *session, *std::move(permissions), *authenticated, *expires};
}

}  // namespace

absl::Duration SteadyTime() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

TokenVerifier::TokenVerifier(std::string issuer, KeySet keys, std::function<absl::Duration()> steady_time)
    : issuer_(std::move(issuer)),
      steady_time_(std::move(steady_time)),
      keys_(std::make_shared<const KeySet>(std::move(keys))) {}

void TokenVerifier::SetKeys(KeySet keys) {
  MutexLock lock(mutex_);
  keys_ = std::make_shared<const KeySet>(std::move(keys));
  young_.clear();
  old_.clear();
}

absl::StatusOr<Principal> TokenVerifier::Verify(absl::string_view token, absl::Time now) const {
  if (token.size() > kMaxTokenBytes) return Refused();
  const Digest digest = Sha256(token);
  const absl::Duration steady_now = steady_time_();
  std::shared_ptr<const KeySet> keys;
  {
    MutexLock lock(mutex_);
    keys = keys_;
    for (const Cache* cache : {&young_, &old_}) {
      const auto found = cache->find(digest);
      if (found == cache->end()) continue;
      const auto& [principal, end] = found->second;
      if (now >= principal.expire_time + kTokenLeeway || steady_now >= end) return Refused();
      return principal;
    }
  }
  ASSIGN_OR_RETURN(Principal principal, VerifyUncached(token, now, *keys));
  MutexLock lock(mutex_);
  if (keys != keys_) return principal;  // The keys changed meanwhile: it must be verified anew next time.
  if (young_.size() >= kCacheGeneration) old_ = std::exchange(young_, {});
  young_.emplace(digest, Accepted{principal, steady_now + (principal.expire_time + kTokenLeeway - now)});
  return principal;
}

absl::StatusOr<Principal> TokenVerifier::VerifyUncached(absl::string_view token, absl::Time now,
                                                        const KeySet& keys) const {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) return Refused();
  const auto header_text = DecodeBase64Url(parts[0]), payload_text = DecodeBase64Url(parts[1]);
  const auto signature = DecodeBase64Url(parts[2]);
  if (!header_text.has_value() || !payload_text.has_value() || !signature.has_value()) return Refused();

  const absl::optional<json> header = ParseStrictObject(*header_text);
  if (!header.has_value()) return Refused();
  const absl::optional<std::string> key_id = KeyIdOf(*header);
  if (!key_id.has_value()) return Refused();
  const PublicKey* key = keys.Find(*key_id);
  if (key == nullptr) return Refused(kUnknownKey);
  if (!SignatureHolds(*key, token.substr(0, parts[0].size() + 1 + parts[1].size()), *signature))
    return Refused();

  const absl::optional<json> payload = ParseStrictObject(*payload_text);
  if (!payload.has_value()) return Refused();
  absl::optional<Principal> principal = PrincipalOf(*payload, issuer_, now);
  if (!principal.has_value()) return Refused();
  return *std::move(principal);
}

}  // namespace arasta::auth
