// JSON of strangers.
#pragma once

#include <nlohmann/json.hpp>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::auth {

// An object of at most 16 levels in which no key stands twice (two readers would see two tokens);
// nullopt for anything else.
absl::optional<nlohmann::json> ParseStrictObject(absl::string_view text);

}  // namespace arasta::auth
