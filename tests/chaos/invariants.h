// The invariants of specs/reliability.md as questions to the databases. Knows tables, not code.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace arasta::chaos {

enum class When {
  kAlways,   // at any moment, under load too
  kSettled,  // once faults are healed and nothing is under way
};

// Every row of the answer is something that was looked at: what it is, and whether the rule holds for it.
// NULL is no.
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

std::vector<Rule> ShopRules();   // Money, Stock, Orders
std::vector<Rule> EventRules();  // Events, Notifications, Tokens
std::vector<Comparison> Comparisons();

// Connection strings by service; rules about databases that are not given are left out.
using Databases = std::map<std::string, std::string>;

// What became of a rule.
struct Finding {
  std::string invariant;
  int64_t checked = 0;                       // rows looked at: a green rule that saw nothing proves nothing
  std::vector<std::string> violations = {};  // at most 20
};

// A finding for each rule. Rules that only hold when settled are left out unless `now` is kSettled.
// UNAVAILABLE when a database can't be read.
absl::StatusOr<std::vector<Finding>> Examine(const Databases& databases, When now);

}  // namespace arasta::chaos
