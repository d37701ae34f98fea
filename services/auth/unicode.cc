#include "services/auth/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <cstdlib>

namespace arasta::auth {
namespace {

icu::StringPiece Piece(absl::string_view text) {
  return icu::StringPiece(text.data(), static_cast<int32_t>(text.size()));
}

// Dies when ICU's own data is missing: nothing sensible can be done without it.
std::string Normalize(const icu::Normalizer2* form, absl::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  std::string result;
  if (form != nullptr) {
    icu::StringByteSink<std::string> sink(&result);
    form->normalizeUTF8(0, Piece(utf8), sink, nullptr, error);
  }
  if (form == nullptr || U_FAILURE(error)) std::abort();
  return result;
}

}  // namespace

std::string Nfc(absl::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  return Normalize(icu::Normalizer2::getNFCInstance(error), utf8);
}

std::string FoldCase(absl::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  return Normalize(icu::Normalizer2::getNFKCCasefoldInstance(error), utf8);
}

size_t LengthOf(absl::string_view utf8) {
  return static_cast<size_t>(icu::UnicodeString::fromUTF8(Piece(utf8)).countChar32());
}

}  // namespace arasta::auth
