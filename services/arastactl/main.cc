// arastactl: the shop from the command line. See kUsage.

#include <google/protobuf/stubs/logging.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "services/arastactl/commands.h"

namespace arasta::ctl {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(path + " can't be read");
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

int Main(const std::vector<std::string>& words) {
  const absl::StatusOr<Arguments> arguments = ParseArguments(words);
  if (!arguments.ok()) {
    std::cerr << "arastactl: " << arguments.status().message() << "\n\n" << kUsage;
    return kUsageError;
  }
  if (arguments->command == "help") {
    std::cout << kUsage;
    return kDone;
  }
  std::string tls_ca;
  if (!arguments->tls_ca.empty()) {
    absl::StatusOr<std::string> pem = ReadFile(arguments->tls_ca);
    if (!pem.ok()) {
      std::cerr << "arastactl: " << pem.status().message() << "\n";
      return kUsageError;
    }
    tls_ca = *std::move(pem);
  }
  ShopClient shop(arguments->gateway, tls_ca);
  if (arguments->command == "import") return Import(*arguments, shop);
  if (arguments->command == "demo") return Demo(*arguments, shop);
  return Status(*arguments, shop);
}

}  // namespace
}  // namespace arasta::ctl

int main(int argc, char** argv) {
  // What is wrong with a message is told by whoever read it; protobuf's own complaints would only echo it.
  google::protobuf::SetLogHandler(nullptr);
  return arasta::ctl::Main(std::vector<std::string>(argv + 1, argv + argc));
}
