// The e-mail addresses that mail can be sent to: the one rule of accounts, guests' orders and the mailer.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::email {

struct Address {
  // A plain ASCII name (RFC 5322's dot-atom) in the letters that it was written in: only the domain knows
  // what case means in it.
  std::string local;
  // Lower case, in its ASCII form: "xn--bcher-kva.example".
  std::string domain;
  // What people are shown and services store, "Ada@Bücher.example"; parses to the same address again.
  std::string written;

  // What mail servers are told. Holds no space, control character, quote or bracket.
  std::string text() const { return local + "@" + domain; }
};

// Of what somebody typed: spaces around it fall away, and full-width letters mean plain ones. nullopt for
// anything that is not a name, an @ and a domain of two labels or more, within SMTP's lengths.
absl::optional<Address> ParseAddress(absl::string_view utf8);

}  // namespace arasta::email
