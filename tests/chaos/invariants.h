// The invariants of specs/reliability.md as questions to the databases: a rule is broken by every row
// its question returns. Knows tables, not code.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace arasta::chaos {

enum class When {
  kAlways,   // at any moment, under load too
  kSettled,  // once faults are healed and nothing is under way
};

// Every row is a violation; its one column says of what.
struct Rule {
  const char* name;  // such as "S3 reserved is the sum of active reservations"
  When when;
  const char* database;  // the service
  const char* sql;
};

// The one column of each side is compared as a set. What is missing on the right, and where `equal` holds
// also on the left, is a violation. The left side is read first, so that something that grows on the
// right beforehand (an outbox before its inbox) can't be missed.
struct Comparison {
  const char* name;
  When when;
  const char* left_database;
  const char* left_sql;
  std::vector<const char*> right_databases;
  const char* right_sql;
  bool equal;
};

const std::vector<Rule>& Rules();
const std::vector<Comparison>& Comparisons();

// Connection strings by service; rules about databases that are not given are left out.
using Databases = std::map<std::string, std::string>;

// "<rule>: <of what>" for each violation, at most 20 a rule. Rules that only hold when settled are left
// out unless `now` is kSettled. UNAVAILABLE when a database can't be read.
absl::StatusOr<std::vector<std::string>> FindViolations(const Databases& databases, When now);

}  // namespace arasta::chaos
