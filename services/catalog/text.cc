#include "services/catalog/text.h"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/hash.h"

namespace arasta::catalog {
namespace {

// Transliteration costs tens of microseconds, and most text is ASCII already.
std::string ToAscii(absl::string_view text) {
  bool ascii = true;
  for (char c : text) ascii = ascii && absl::ascii_isascii(static_cast<unsigned char>(c));
  if (ascii) return std::string(text);
  UErrorCode error = U_ZERO_ERROR;
  thread_local const std::unique_ptr<icu::Transliterator> transliterator(
      icu::Transliterator::createInstance("Any-Latin; Latin-ASCII", UTRANS_FORWARD, error));
  if (transliterator == nullptr) return "";
  icu::UnicodeString unicode =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  transliterator->transliterate(unicode);
  std::string ascii_text;
  unicode.toUTF8String(ascii_text);
  return ascii_text;
}

bool StartsCodePoint(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

}  // namespace

std::string Slugify(absl::string_view text) {
  std::string slug;
  for (char c : ToAscii(Cut(text, kSlugLength))) {
    if (slug.size() == kSlugLength) break;
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      slug.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    } else if (c != '\'' && !slug.empty() && slug.back() != '-') {
      slug.push_back('-');
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
}

std::string UniqueSlug(absl::string_view slug, absl::string_view key) {
  const std::string suffix = absl::StrCat(absl::Hex(StableHash(key) >> 32, absl::kZeroPad8));
  const std::string joined = absl::StrCat(slug.substr(0, kSlugLength - suffix.size() - 1), "-", suffix);
  return Slugify(joined);
}

bool IsSlug(absl::string_view text) {
  if (text.empty() || text.size() > kSlugLength || text.front() == '-' || text.back() == '-') return false;
  char previous = '-';
  for (char c : text) {
    bool word = absl::ascii_islower(static_cast<unsigned char>(c)) ||
                absl::ascii_isdigit(static_cast<unsigned char>(c));
    if (!word && (c != '-' || previous == '-')) return false;
    previous = word ? c : '-';
  }
  return true;
}

bool IsSku(absl::string_view text) {
  if (text.empty() || text.size() > 100 || !absl::ascii_isalnum(static_cast<unsigned char>(text.front()))) {
    return false;
  }
  for (char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
        absl::string_view("._+~:-").find(c) == absl::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool IsWebAddress(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "https://") && !absl::ConsumePrefix(&text, "http://")) return false;
  const std::pair<absl::string_view, absl::string_view> authority =
      absl::StrSplit(text.substr(0, text.find_first_of("/?#")), absl::MaxSplits(':', 1));
  auto all = [](absl::string_view part, auto allowed) {
    return std::all_of(part.begin(), part.end(),
                       [&](char c) { return allowed(static_cast<unsigned char>(c)); });
  };
  return !authority.first.empty() &&
         all(authority.first,
             [](unsigned char c) { return absl::ascii_isalnum(c) || c == '.' || c == '-'; }) &&
         all(authority.second, absl::ascii_isdigit) && all(text, [](unsigned char c) {
           return absl::ascii_isgraph(c) && !absl::StrContains("\"<>\\^`{|}", c);
         });
}

size_t LengthOf(absl::string_view text) {
  size_t length = 0;
  for (char c : text) length += StartsCodePoint(c) ? 1 : 0;
  return length;
}

absl::string_view Cut(absl::string_view text, size_t length) {
  size_t code_points = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (StartsCodePoint(text[i]) && code_points++ == length) return text.substr(0, i);
  }
  return text;
}

std::string Clean(absl::string_view text, size_t length) {
  std::string clean(Cut(text, length));
  for (char& c : clean) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  return std::string(absl::StripAsciiWhitespace(clean));
}

bool IsPrintable(absl::string_view text) {
  for (char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\n' && c != '\t') return false;
  }
  return true;
}

}  // namespace arasta::catalog
