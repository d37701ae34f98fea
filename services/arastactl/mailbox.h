// A Maildir that the shop's mail arrives in: the demo's proof that a mail was really delivered.
#pragma once

#include <string>

#include "absl/types/optional.h"

namespace arasta::ctl {

// The subject of a mail to `recipient` whose subject contains `text`; nullopt where none has come yet.
absl::optional<std::string> FindMail(const std::string& maildir, const std::string& recipient,
                                     const std::string& text);

}  // namespace arasta::ctl
