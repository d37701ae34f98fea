#include "tests/chaos/invariants.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <pqxx/pqxx>
#include <set>

#include "absl/strings/str_cat.h"

namespace arasta::chaos {
namespace {

constexpr size_t kMaxPerRule = 20;

class Checker {
 public:
  Checker(const Databases& databases, When now) : now_(now) {
    for (const auto& [service, conninfo] : databases) {
      connections_[service] = std::make_unique<pqxx::connection>(conninfo);
    }
  }

  void Check(const Rule& rule) {
    if (Applies(rule.when) && Has(rule.database)) Report(rule.name, "", Ask(rule.database, rule.sql));
  }

  void Check(const Comparison& rule) {
    if (!Applies(rule.when) || !Has(rule.left_database)) return;
    if (!std::all_of(rule.right_databases.begin(), rule.right_databases.end(),
                     [&](const char* service) { return Has(service); })) {
      return;
    }
    const std::set<std::string> left = Ask(rule.left_database, rule.left_sql);
    std::set<std::string> right;
    for (const char* service : rule.right_databases) right.merge(Ask(service, rule.right_sql));
    Report(rule.name, "only on the left: ", Difference(left, right));
    if (rule.equal) Report(rule.name, "only on the right: ", Difference(right, left));
  }

  std::vector<std::string> TakeViolations() { return std::move(violations_); }

 private:
  bool Applies(When when) const { return when == When::kAlways || now_ == When::kSettled; }
  bool Has(const std::string& service) const { return connections_.contains(service); }

  std::set<std::string> Ask(const std::string& service, const char* sql) {
    pqxx::read_transaction tx(*connections_.at(service));
    std::set<std::string> rows;
    for (const pqxx::row& row : tx.exec(sql)) rows.insert(row[0].c_str());
    return rows;
  }

  static std::set<std::string> Difference(const std::set<std::string>& a, const std::set<std::string>& b) {
    std::set<std::string> difference;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(difference, difference.end()));
    return difference;
  }

  void Report(const char* rule, const char* side, const std::set<std::string>& rows) {
    size_t count = 0;
    for (const std::string& row : rows) {
      if (++count > kMaxPerRule) break;
      violations_.push_back(absl::StrCat(rule, ": ", side, row));
    }
  }

  const When now_;
  std::map<std::string, std::unique_ptr<pqxx::connection>> connections_;
  std::vector<std::string> violations_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> FindViolations(const Databases& databases, When now) {
  try {
    Checker checker(databases, now);
    for (const Rule& rule : Rules()) checker.Check(rule);
    for (const Comparison& rule : Comparisons()) checker.Check(rule);
    return checker.TakeViolations();
  } catch (const pqxx::pqxx_exception& e) {
    return absl::UnavailableError(e.base().what());
  }
}

}  // namespace arasta::chaos
