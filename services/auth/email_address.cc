#include "services/auth/email_address.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/email/address.h"

namespace arasta::auth {

absl::StatusOr<EmailAddress> ParseEmailAddress(absl::string_view text) {
  const absl::optional<email::Address> parsed = email::ParseAddress(text);
  if (!parsed) return InvalidField("email", "is not an e-mail address", "INVALID_EMAIL");
  return EmailAddress{parsed->written,
                      absl::StrCat(absl::AsciiStrToLower(parsed->local), "@", parsed->domain)};
}

}  // namespace arasta::auth
