// The command line of arastactl.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace arasta::ctl {

struct Arguments {
  std::string command;  // "import", "demo", "status", or "help"
  std::string file;     // import: what to import
  std::string gateway = "127.0.0.1:8080";
  std::string tls_ca;  // A PEM file; empty means cleartext.
  std::string email;
  std::string password_file;
  std::string mailbox;  // demo: the Maildir where the shop's mail arrives
  bool dry_run = false;
  bool json = false;
};

extern const char kUsage[];

// `words` without the program's name. INVALID_ARGUMENT says what is wrong.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words);

}  // namespace arasta::ctl
