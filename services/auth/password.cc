#include "services/auth/password.h"

#include <zxcvbn.h>

#include "common/base/errors.h"
#include "services/auth/unicode.h"

namespace arasta::auth {
namespace {

constexpr size_t kMaxBytes = 1024;
constexpr size_t kMinCharacters = 8;
// A million guesses: out of reach through the throttle, and no burden on people.
constexpr double kMinEntropyBits = 20;
// zxcvbn is quadratic and worse; what begins this long with rubbish is unguessable already.
constexpr size_t kJudgedBytes = 100;

}  // namespace

absl::StatusOr<std::string> NormalizePassword(absl::string_view password) {
  const absl::Status too_long = InvalidField("password", "is longer than 1,024 bytes", "PASSWORD_TOO_LONG");
  if (password.size() > kMaxBytes) return too_long;
  std::string normalized = Nfc(password);
  if (normalized.size() > kMaxBytes) return too_long;
  return normalized;
}

absl::Status CheckPasswordPolicy(const std::string& password, const std::vector<std::string>& context) {
  if (LengthOf(password) < kMinCharacters) {
    return InvalidField("password", "is shorter than 8 characters", "PASSWORD_TOO_SHORT");
  }
  std::vector<const char*> words;
  for (const std::string& word : context) {
    if (!word.empty()) words.push_back(word.c_str());
  }
  words.push_back(nullptr);
  const std::string judged = password.substr(0, kJudgedBytes);
  if (ZxcvbnMatch(judged.c_str(), words.data(), nullptr) < kMinEntropyBits) {
    return InvalidField("password", "is too easy to guess", "PASSWORD_TOO_GUESSABLE");
  }
  return absl::OkStatus();
}

}  // namespace arasta::auth
