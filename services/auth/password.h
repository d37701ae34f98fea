// Passwords before they are hashed: their exact form, and whether one may be chosen.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::auth {

// The bytes that are hashed: NFC, nothing cut off. INVALID_ARGUMENT naming `password` with reason
// PASSWORD_TOO_LONG over 1,024 bytes, before any work is done on it.
absl::StatusOr<std::string> NormalizePassword(absl::string_view password);

// Whether a normalised password may be chosen by somebody whose own words (address, name, the shop's)
// are `context`. INVALID_ARGUMENT naming `password`, with reason PASSWORD_TOO_SHORT or
// PASSWORD_TOO_GUESSABLE.
absl::Status CheckPasswordPolicy(const std::string& password, const std::vector<std::string>& context);

}  // namespace arasta::auth
