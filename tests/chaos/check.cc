// chaos_check [--running] SERVICE=CONNINFO…
// Prints what is broken, a line each, and exits 1; exits 0 when nothing is, 2 when it can't tell. With
// --running only what must hold at every moment is asked.
#include <iostream>
#include <string>

#include "tests/chaos/invariants.h"

int main(int argc, char** argv) {
  using arasta::chaos::When;
  arasta::chaos::Databases databases;
  When now = When::kSettled;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const size_t equals = arg.find('=');
    if (arg == "--running") {
      now = When::kAlways;
    } else if (equals != std::string::npos) {
      databases[arg.substr(0, equals)] = arg.substr(equals + 1);
    }
  }
  if (databases.empty()) {
    std::cerr << "usage: chaos_check [--running] SERVICE=CONNINFO...\n";
    return 2;
  }
  auto violations = arasta::chaos::FindViolations(databases, now);
  if (!violations.ok()) {
    std::cerr << violations.status() << "\n";
    return 2;
  }
  for (const std::string& violation : *violations) std::cout << violation << "\n";
  return violations->empty() ? 0 : 1;
}
