#include "services/auth/email_address.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "services/auth/unicode.h"

namespace arasta::auth {
namespace {

constexpr size_t kMaxAddress = 254;  // RFC 5321, with the brackets taken off
constexpr size_t kMaxLocalPart = 64;

// The unquoted form only: quoted local parts are legal, unused, and a way to smuggle headers.
bool IsLocalPart(absl::string_view local) {
  if (local.empty() || local.size() > kMaxLocalPart) return false;
  if (absl::StartsWith(local, ".") || absl::EndsWith(local, ".") || absl::StrContains(local, ".."))
    return false;
  return std::all_of(local.begin(), local.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || absl::ascii_isalnum(byte) ||
           absl::StrContains(".!#$%&'*+/=?^_`{|}~-", absl::string_view(&c, 1));
  });
}

}  // namespace

absl::StatusOr<EmailAddress> ParseEmailAddress(absl::string_view text) {
  const absl::Status invalid = InvalidField("email", "is not an e-mail address", "INVALID_EMAIL");
  if (text.size() > kMaxAddress) return invalid;
  const std::string address = Nfc(absl::StripAsciiWhitespace(text));
  // Full-width forms fold to ASCII, an "＠" among them, so the parts are checked after folding too.
  const size_t at = address.rfind('@');
  if (at == std::string::npos) return invalid;
  const std::string local = FoldCase(absl::string_view(address).substr(0, at));
  const absl::optional<std::string> domain = AsciiDomain(absl::string_view(address).substr(at + 1));
  if (!IsLocalPart(absl::string_view(address).substr(0, at)) || !IsLocalPart(local)) return invalid;
  if (!domain || !absl::StrContains(*domain, ".") || absl::EndsWith(*domain, ".")) return invalid;
  return EmailAddress{address, absl::StrCat(local, "@", *domain)};
}

}  // namespace arasta::auth
