#include "common/email/address.h"

#include <unicode/idna.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace arasta::email {
namespace {

// RFC 5321, section 4.5.3.1, with the brackets taken off.
constexpr size_t kMaxLocalPart = 64;
constexpr size_t kMaxAddress = 254;

icu::StringPiece Piece(absl::string_view text) {
  return icu::StringPiece(text.data(), static_cast<int32_t>(text.size()));
}

// NFKC: what an input method writes in full width is the same name. Dies, as AsciiDomain does, when ICU's own
// data is missing: nothing sensible can be done without it.
std::string PlainLetters(absl::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const nfkc = icu::Normalizer2::getNFKCInstance(error);
  if (U_FAILURE(error)) std::abort();
  std::string plain;
  icu::StringByteSink<std::string> sink(&plain);
  nfkc->normalizeUTF8(0, Piece(utf8), sink, nullptr, error);
  return U_FAILURE(error) ? "" : plain;
}

bool IsAtom(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("!#$%&'*+-/=?^_`{|}~", c);
  });
}

// Quoted local parts are legal on paper and refused: nobody has one, and quoting is where injections hide.
bool IsDotAtom(absl::string_view text) {
  const std::vector<absl::string_view> atoms = absl::StrSplit(text, '.');
  return text.size() <= kMaxLocalPart && std::all_of(atoms.begin(), atoms.end(), IsAtom);
}

// UTS #46, which knows of letters, digits, hyphens and the lengths of labels; empty where `domain` is none.
std::string AsciiDomain(absl::string_view domain) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::IDNA> idna(icu::IDNA::createUTS46Instance(
      UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII,
      error));
  if (U_FAILURE(error)) std::abort();
  std::string ascii;
  icu::StringByteSink<std::string> sink(&ascii);
  icu::IDNAInfo info;
  idna->nameToASCII_UTF8(Piece(domain), sink, info, error);
  return U_FAILURE(error) || info.hasErrors() ? "" : ascii;
}

// Of two labels or more; the last begins with a letter, or it would be an IP address.
bool IsPublic(absl::string_view domain) {
  const size_t dot = domain.rfind('.');
  return dot != absl::string_view::npos && dot + 1 < domain.size() &&
         absl::ascii_isalpha(static_cast<unsigned char>(domain[dot + 1]));
}

}  // namespace

absl::optional<Address> ParseAddress(absl::string_view utf8) {
  utf8 = absl::StripAsciiWhitespace(utf8);
  const size_t at = utf8.rfind('@');
  if (utf8.size() > kMaxAddress || at == absl::string_view::npos) return absl::nullopt;
  Address address{
      .local = PlainLetters(utf8.substr(0, at)), .domain = AsciiDomain(utf8.substr(at + 1)), .written = ""};
  if (!IsDotAtom(address.local) || !IsPublic(address.domain)) return absl::nullopt;
  address.written = absl::StrCat(address.local, utf8.substr(at));
  // Both forms may have grown, and what is stored is parsed again.
  if (std::max(address.written.size(), address.text().size()) > kMaxAddress) return absl::nullopt;
  return address;
}

}  // namespace arasta::email
