#include "services/notification/mail_address.h"

#include <unicode/idna.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace arasta::notification {
namespace {

// RFC 5321, section 4.5.3.1.
constexpr size_t kMaxLocalPart = 64;
constexpr size_t kMaxAddress = 254;

absl::Status InvalidAddress(absl::string_view why) {
  return InvalidField("address", why, "INVALID_ADDRESS");
}

// RFC 5322's dot-atom. Quoted local parts are legal on paper and refused here: nobody has one, and
// quoting is where injections hide.
bool IsDotAtom(absl::string_view text) {
  if (text.empty() || text.size() > kMaxLocalPart) return false;
  for (absl::string_view atom : absl::StrSplit(text, '.')) {
    if (atom.empty()) return false;
    for (char c : atom) {
      if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
          !absl::StrContains("!#$%&'*+-/=?^_`{|}~", c)) {
        return false;
      }
    }
  }
  return true;
}

absl::StatusOr<std::string> AsciiDomain(absl::string_view domain) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::IDNA> idna(icu::IDNA::createUTS46Instance(
      UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII,
      error));
  if (U_FAILURE(error)) return absl::InternalError("ICU has no IDNA");
  std::string ascii;
  icu::StringByteSink<std::string> sink(&ascii);
  icu::IDNAInfo info;
  idna->nameToASCII_UTF8(icu::StringPiece(domain.data(), static_cast<int32_t>(domain.size())), sink, info,
                         error);
  if (U_FAILURE(error) || info.hasErrors()) return InvalidAddress("the domain is not one");
  return ascii;
}

bool IsForbiddenInHeader(UChar32 c) {
  return u_charType(c) == U_CONTROL_CHAR || u_charType(c) == U_LINE_SEPARATOR ||
         u_charType(c) == U_PARAGRAPH_SEPARATOR;
}

}  // namespace

absl::StatusOr<MailAddress> MailAddress::Parse(absl::string_view text) {
  RETURN_IF_ERROR(CheckHeaderText("address", text));
  if (text.size() > kMaxAddress) return InvalidAddress("too long");
  const size_t at = text.rfind('@');
  if (at == absl::string_view::npos) return InvalidAddress("has no @");
  const absl::string_view local = text.substr(0, at);
  if (!IsDotAtom(local)) return InvalidAddress("the part before the @ is not a plain ASCII name");
  ASSIGN_OR_RETURN(std::string domain, AsciiDomain(text.substr(at + 1)));
  if (domain.empty()) return InvalidAddress("has no domain");
  std::string whole = absl::StrCat(local, "@", domain);
  if (whole.size() > kMaxAddress) return InvalidAddress("too long");
  return MailAddress(std::move(whole), std::move(domain));
}

absl::StatusOr<Mailbox> ParseMailbox(absl::string_view text) {
  RETURN_IF_ERROR(CheckHeaderText("mailbox", text));
  text = absl::StripAsciiWhitespace(text);
  const size_t open = text.find('<');
  const bool named = open != absl::string_view::npos && open > 0 && absl::ConsumeSuffix(&text, ">");
  const absl::string_view name = named ? absl::StripAsciiWhitespace(text.substr(0, open)) : text;
  ASSIGN_OR_RETURN(MailAddress address, MailAddress::Parse(named ? text.substr(open + 1) : text));
  return Mailbox{std::string(name), std::move(address)};
}

absl::Status CheckHeaderText(absl::string_view field, absl::string_view value) {
  const auto length = static_cast<int32_t>(value.size());
  for (int32_t i = 0; i < length;) {
    UChar32 c = 0;
    U8_NEXT(value.data(), i, length, c);
    if (c < 0) return InvalidField(field, "is not UTF-8", "INVALID_HEADER_TEXT");
    if (IsForbiddenInHeader(c)) {
      return InvalidField(field, "has a control character or line separator", "INVALID_HEADER_TEXT");
    }
  }
  return absl::OkStatus();
}

}  // namespace arasta::notification
