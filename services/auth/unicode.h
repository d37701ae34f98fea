// Unicode rules that auth rests on. The only file of auth that knows ICU.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace arasta::auth {

// Canonical composition: the same text typed on different keyboards is the same bytes.
std::string Nfc(absl::string_view utf8);

// Compatibility composition and case folding (NFKC_Casefold): what people take for the same word.
std::string FoldCase(absl::string_view utf8);

// In code points.
size_t LengthOf(absl::string_view utf8);

}  // namespace arasta::auth
