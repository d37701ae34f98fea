#include "services/arastactl/arguments.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace arasta::ctl {

const char kUsage[] =
    R"(usage: arastactl [options] COMMAND

commands
  import FILE.jsonl   creates or updates products, a line each, and reports bad rows;
                      needs --email and --password-file
  demo                a shopping trip: register, log in, search, cart, pay, order, mail
  status              asks every service something through the gateway

options
  --gateway HOST:PORT    where the gateway listens (127.0.0.1:8080)
  --tls-ca FILE          connect by TLS and trust this authority
  --email ADDRESS        the account of an administrator
  --password-file FILE   its password
  --dry-run              import: check everything, change nothing
  --mailbox DIR          demo: the Maildir where the shop's mail arrives
  --json                 print JSON instead of tables

exit codes
  0  done     1  done in part: rows were refused, a service does not answer
  2  wrong usage or configuration     3  the call failed
)";

namespace {

absl::Status CheckCommand(const Arguments& arguments) {
  if (arguments.command == "import") {
    if (arguments.file.empty()) return absl::InvalidArgumentError("import wants a file");
    if (arguments.email.empty() || arguments.password_file.empty()) {
      return absl::InvalidArgumentError("import wants --email and --password-file");
    }
    return absl::OkStatus();
  }
  if (!arguments.file.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(arguments.file, ": unexpected"));
  }
  if (arguments.command == "demo" || arguments.command == "status" || arguments.command == "help") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(arguments.command.empty() ? "which command?"
                                                              : absl::StrCat(arguments.command, ": unknown"));
}

}  // namespace

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words) {
  Arguments arguments;
  const std::map<std::string, std::string*> with_value = {
      {"--gateway", &arguments.gateway}, {"--tls-ca", &arguments.tls_ca},
      {"--email", &arguments.email},     {"--password-file", &arguments.password_file},
      {"--mailbox", &arguments.mailbox},
  };
  const std::map<std::string, bool*> without_value = {
      {"--dry-run", &arguments.dry_run},
      {"--json", &arguments.json},
  };
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--help" || word == "-h") {
      arguments.command = "help";
      arguments.file.clear();
      return arguments;
    }
    if (const auto flag = without_value.find(word); flag != without_value.end()) {
      *flag->second = true;
    } else if (const auto option = with_value.find(word); option != with_value.end()) {
      if (i + 1 == words.size()) return absl::InvalidArgumentError(absl::StrCat(word, " wants a value"));
      *option->second = words[++i];
    } else if (absl::StartsWith(word, "-")) {
      return absl::InvalidArgumentError(absl::StrCat(word, ": unknown"));
    } else if (arguments.command.empty()) {
      arguments.command = word;
    } else if (arguments.file.empty()) {
      arguments.file = word;
    } else {
      return absl::InvalidArgumentError(absl::StrCat(word, ": unexpected"));
    }
  }
  RETURN_IF_ERROR(CheckCommand(arguments));
  return arguments;
}

}  // namespace arasta::ctl
