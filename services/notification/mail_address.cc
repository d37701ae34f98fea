#include "services/notification/mail_address.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/email/address.h"

namespace arasta::notification {
namespace {

bool IsForbiddenInHeader(UChar32 c) {
  return u_charType(c) == U_CONTROL_CHAR || u_charType(c) == U_LINE_SEPARATOR ||
         u_charType(c) == U_PARAGRAPH_SEPARATOR;
}

}  // namespace

absl::StatusOr<MailAddress> MailAddress::Parse(absl::string_view text) {
  RETURN_IF_ERROR(CheckHeaderText("address", text));
  const absl::optional<email::Address> address = email::ParseAddress(text);
  if (!address) return InvalidField("address", "is not an e-mail address", "INVALID_ADDRESS");
  return MailAddress(address->text(), address->domain);
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
