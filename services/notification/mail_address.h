// The guard in front of every SMTP command and mail header: libcurl passes CR and LF through.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::notification {

// An e-mail address (common/email) as it stands in MAIL FROM, RCPT TO and a header.
class MailAddress {
 public:
  // INVALID_ARGUMENT, reason INVALID_ADDRESS, for anything else; the message never repeats the text.
  static absl::StatusOr<MailAddress> Parse(absl::string_view text);

  // Such as "ada@xn--bcher-kva.example".
  const std::string& text() const { return text_; }
  const std::string& domain() const { return domain_; }

 private:
  MailAddress(std::string text, std::string domain) : text_(std::move(text)), domain_(std::move(domain)) {}

  std::string text_;
  std::string domain_;
};

// Who a mail is from.
struct Mailbox {
  std::string name;
  MailAddress address;
};

// "Arasta <shop@arasta.example>", or an address alone, which then is the name too. INVALID_ARGUMENT
// where either part is not safe.
absl::StatusOr<Mailbox> ParseMailbox(absl::string_view text);

// OK when `value` can stand in a header field: valid UTF-8 without CR, LF, NUL, any other control
// character, or a line or paragraph separator. INVALID_ARGUMENT naming `field` otherwise.
absl::Status CheckHeaderText(absl::string_view field, absl::string_view value);

}  // namespace arasta::notification
