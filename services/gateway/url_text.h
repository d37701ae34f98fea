// Percent-coded text in paths and queries.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace arasta::gateway {

enum class UrlPart {
  kSegment,
  kSegments,  // several joined: %2F stays, as it is none of the slashes between them
  kQuery,     // '+' is a blank
};

// Appends to `decoded`; false for a '%' without two hex digits.
bool UnescapeUrl(absl::string_view text, UrlPart part, std::string& decoded);

}  // namespace arasta::gateway
