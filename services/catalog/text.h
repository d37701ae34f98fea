// Readable keys and checks of text that came from outside.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace arasta::catalog {

// The longest slug.
inline constexpr size_t kSlugLength = 100;

// Letters a to z, digits and single dashes, at most `kSlugLength` long: "Rize Çayı, 100 g" becomes
// "rize-cayi-100-g". Other scripts are transliterated. Empty where nothing is left.
std::string Slugify(absl::string_view text);

// `slug` with something of its own behind it, derived from `key`, for where `slug` is taken.
std::string UniqueSlug(absl::string_view slug, absl::string_view key);

// Whether `text` is a slug already.
bool IsSlug(absl::string_view text);

// Whether `text` may be a SKU: 1 to 100 of letters, digits and "._+~:-", beginning with a letter or
// digit.
bool IsSku(absl::string_view text);

// Whether `text` is an http or https URI with a host, without a user, and safe to stand in a page.
bool IsWebAddress(absl::string_view text);

// Code points of valid UTF-8.
size_t LengthOf(absl::string_view text);

// `text` cut to at most `length` code points.
absl::string_view Cut(absl::string_view text, size_t length);

// `text` cut to at most `length` code points, control characters replaced by spaces, trimmed.
std::string Clean(absl::string_view text, size_t length);

// Whether `text` is free of the control characters that PostgreSQL or a page could trip over; tab and
// newline are fine.
bool IsPrintable(absl::string_view text);

}  // namespace arasta::catalog
