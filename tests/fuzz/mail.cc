// E-mail: addresses, and a message written of whatever they and the texts hold. No input adds a header.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "services/auth/email_address.h"
#include "services/notification/mail_address.h"
#include "services/notification/mime.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

void CheckMessage(const std::string& mail) {
  const size_t end = mail.find("\r\n\r\n");
  Require(end != std::string::npos, "a head ends");
  int recipients = 0;
  for (const absl::string_view line : absl::StrSplit(mail.substr(0, end), "\r\n")) {
    Require(!line.empty(), "no empty line in a head");
    if (absl::StartsWithIgnoreCase(line, "to:")) ++recipients;
    Require(!absl::StartsWithIgnoreCase(line, "bcc:"), "nobody else gets it");
  }
  Require(recipients == 1, "one To");
  for (size_t i = 0; i < mail.size(); ++i) {
    const auto c = static_cast<unsigned char>(mail[i]);
    Require(c < 0x7f && (c >= ' ' || c == '\t' || c == '\r' || c == '\n'), "ASCII alone");
    Require(c != '\n' || (i > 0 && mail[i - 1] == '\r'), "lines end with CRLF");
  }
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  fuzz::Input input(data, size);
  const absl::string_view address = input.Line();
  const auto account = auth::ParseEmailAddress(address);
  if (account.ok()) {
    const auto again = auth::ParseEmailAddress(account->address);
    fuzz::Require(again.ok() && again->key == account->key, "an address is its own account");
    fuzz::Require(notification::MailAddress::Parse(account->address).ok(), "mail reaches every account");
  }
  (void)notification::ParseMailbox(address);
  const auto to = notification::MailAddress::Parse(address);
  const auto somebody = notification::MailAddress::Parse("ada@example.com");
  const std::string name(input.Line());
  const std::string subject(input.Line());
  const std::string text(input.rest());
  const auto mail = notification::WriteMail({.from_name = name,
                                             .from = *somebody,
                                             .to = to.ok() ? *to : *somebody,
                                             .subject = subject,
                                             .language = "en",
                                             .text = text,
                                             .html = text,
                                             .id = "00000000-0000-4000-8000-000000000000",
                                             .date = absl::FromUnixSeconds(1'900'000'000)});
  if (mail.ok()) fuzz::CheckMessage(*mail);
  return 0;
}
