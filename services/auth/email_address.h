// The e-mail address of an account, and when two of them are one account.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::auth {

struct EmailAddress {
  // As its owner wrote it (email::Address::written): where mail is sent.
  std::string address;
  // The same for all spellings of one account: lower case, the domain in ASCII.
  std::string key;
};

// INVALID_ARGUMENT naming `email`, with reason INVALID_EMAIL, for what mail can't be sent to.
absl::StatusOr<EmailAddress> ParseEmailAddress(absl::string_view text);

}  // namespace arasta::auth
