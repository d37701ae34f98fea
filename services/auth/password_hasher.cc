#include "services/auth/password_hasher.h"

#include <sodium.h>

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/hash.h"

namespace arasta::auth {
namespace {

constexpr int64_t kMaxMemoryKib = 1024 * 1024;
constexpr int64_t kMaxPasses = 10;

bool ConsumeNumber(absl::string_view& text, absl::string_view prefix, int64_t* number) {
  if (!absl::ConsumePrefix(&text, prefix)) return false;
  const size_t digits = text.find_first_not_of("0123456789");
  if (!absl::SimpleAtoi(text.substr(0, digits), number)) return false;
  text.remove_prefix(std::min(digits, text.size()));
  return true;
}

}  // namespace

absl::optional<HashParameters> ParametersOf(absl::string_view hash) {
  HashParameters parameters;
  int64_t lanes = 0;
  if (!absl::ConsumePrefix(&hash, "$argon2id$v=19$") || !ConsumeNumber(hash, "m=", &parameters.memory_kib) ||
      !ConsumeNumber(hash, ",t=", &parameters.passes) || !ConsumeNumber(hash, ",p=", &lanes) ||
      !absl::ConsumePrefix(&hash, "$")) {
    return absl::nullopt;
  }
  return parameters;
}

PasswordHasher::PasswordHasher(const HashParameters& parameters) : parameters_(parameters) {
  if (sodium_init() < 0) std::abort();
  absl::StatusOr<std::string> dummy = Hash(RandomBytes(32));
  if (!dummy.ok()) std::abort();
  dummy_ = *std::move(dummy);
}

absl::StatusOr<std::string> PasswordHasher::Hash(absl::string_view password) const {
  char hash[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str_alg(
          hash, password.data(), password.size(), static_cast<unsigned long long>(parameters_.passes),
          static_cast<size_t>(parameters_.memory_kib) * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, "OVERLOADED", "no memory for hashing"),
                          absl::Seconds(1));
  }
  return std::string(hash);
}

bool PasswordHasher::Verify(absl::string_view hash, absl::string_view password) const {
  const absl::optional<HashParameters> asked = ParametersOf(hash);
  const bool sane = asked && asked->memory_kib <= kMaxMemoryKib && asked->passes <= kMaxPasses &&
                    hash.size() < crypto_pwhash_STRBYTES;
  const std::string checked(sane ? hash : absl::string_view(dummy_));
  return crypto_pwhash_str_verify(checked.c_str(), password.data(), password.size()) == 0 && sane;
}

bool PasswordHasher::NeedsRehash(absl::string_view hash) const {
  const absl::optional<HashParameters> made = ParametersOf(hash);
  return !made || made->memory_kib < parameters_.memory_kib || made->passes < parameters_.passes;
}

}  // namespace arasta::auth
