#include "services/arastactl/mailbox.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace arasta::ctl {
namespace {

// The value of a header line, unfolded only as far as one line goes: our subjects are short.
absl::optional<std::string> HeaderOf(std::istream& mail, absl::string_view name) {
  mail.clear();
  mail.seekg(0);
  std::string line;
  while (std::getline(mail, line) && !line.empty() && line != "\r") {
    absl::string_view rest = line;
    if (!absl::StartsWithIgnoreCase(rest, name)) continue;
    rest.remove_prefix(name.size());
    if (absl::ConsumePrefix(&rest, ":")) return std::string(absl::StripAsciiWhitespace(rest));
  }
  return absl::nullopt;
}

}  // namespace

absl::optional<std::string> FindMail(const std::string& maildir, const std::string& recipient,
                                     const std::string& text) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(maildir + "/new", error)) {
    std::ifstream mail(entry.path());
    const absl::optional<std::string> to = HeaderOf(mail, "To");
    const absl::optional<std::string> subject = HeaderOf(mail, "Subject");
    if (to.has_value() && subject.has_value() && absl::StrContains(*to, recipient) &&
        absl::StrContains(*subject, text)) {
      return subject;
    }
  }
  return absl::nullopt;
}

}  // namespace arasta::ctl
