// chaos_check [--always] [--json] SERVICE=CONNINFO…
// Prints what is broken, a line each, and exits 1; exits 0 when nothing is, 2 when it can't tell. With
// --always only what must hold at every moment is asked; with --json it prints [{"invariant", "checked",
// "violations"}] of all.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/chaos/invariants.h"

namespace {

using arasta::chaos::Finding;

void PrintLines(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    for (const std::string& violation : finding.violations) {
      std::cout << finding.invariant << ": " << violation << "\n";
    }
  }
}

void PrintJson(const std::vector<Finding>& findings) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    all.push_back(
        {{"invariant", finding.invariant}, {"checked", finding.checked}, {"violations", finding.violations}});
  }
  std::cout << all.dump() << "\n";
}

int Usage() {
  std::cerr << "usage: chaos_check [--always] [--json] SERVICE=CONNINFO...\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  using arasta::chaos::When;
  arasta::chaos::Databases databases;
  When now = When::kSettled;
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const size_t equals = arg.find('=');
    if (arg == "--always") {
      now = When::kAlways;
    } else if (arg == "--json") {
      json = true;
    } else if (equals != std::string::npos && arg[0] != '-') {
      databases[arg.substr(0, equals)] = arg.substr(equals + 1);
    } else {
      return Usage();
    }
  }
  if (databases.empty()) return Usage();
  const auto findings = arasta::chaos::Examine(databases, now);
  if (!findings.ok()) {
    std::cerr << findings.status() << "\n";
    return 2;
  }
  if (json) {
    PrintJson(*findings);
  } else {
    PrintLines(*findings);
  }
  const bool clean = std::all_of(findings->begin(), findings->end(),
                                 [](const Finding& finding) { return finding.violations.empty(); });
  return clean ? 0 : 1;
}
