#include "tests/chaos/invariants.h"

#include <algorithm>
#include <memory>
#include <pqxx/pqxx>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace arasta::chaos {
namespace {

constexpr size_t kMaxPerRule = 20;

// Counted where the rows are; only those that break the rule are named.
std::string JudgeSql(const char* question) {
  return absl::StrCat(
      "SELECT count(*), array_to_string((array_agg(what) FILTER (WHERE holds IS NOT TRUE))[1:", kMaxPerRule,
      "], E'\\n', 'one without a name') FROM (", question, ") AS fact (what, holds)");
}

class Examiner {
 public:
  Examiner(const Databases& databases, When now) : now_(now) {
    for (const auto& [service, conninfo] : databases) {
      connections_[service] = std::make_unique<pqxx::connection>(conninfo);
    }
  }

  void Examine(const Rule& rule) {
    if (Applies(rule.when) && Has(rule.database)) findings_.push_back(Judge(rule));
  }

  void Examine(const Comparison& rule) {
    if (!Applies(rule.when) || !Has(rule.left_database)) return;
    if (!std::all_of(rule.right_databases.begin(), rule.right_databases.end(),
                     [&](const char* service) { return Has(service); })) {
      return;
    }
    const std::set<std::string> left = Ask(rule.left_database, rule.left_sql);
    std::set<std::string> right;
    for (const char* service : rule.right_databases) right.merge(Ask(service, rule.right_sql));
    Finding finding{.invariant = rule.name, .checked = static_cast<int64_t>(left.size())};
    Report(finding, "only on the left: ", left, right);
    if (rule.equal) {
      finding.checked += static_cast<int64_t>(right.size());
      Report(finding, "only on the right: ", right, left);
    }
    findings_.push_back(std::move(finding));
  }

  std::vector<Finding> TakeFindings() { return std::move(findings_); }

 private:
  bool Applies(When when) const { return when == When::kAlways || now_ == When::kSettled; }
  bool Has(const std::string& service) const { return connections_.contains(service); }

  Finding Judge(const Rule& rule) {
    pqxx::read_transaction tx(*connections_.at(rule.database));
    const pqxx::result rows = tx.exec(JudgeSql(rule.sql));
    Finding finding{.invariant = rule.name, .checked = rows[0][0].as<int64_t>()};
    finding.violations = absl::StrSplit(rows[0][1].c_str(), '\n', absl::SkipEmpty());
    return finding;
  }

  std::set<std::string> Ask(const std::string& service, const char* sql) {
    pqxx::read_transaction tx(*connections_.at(service));
    std::set<std::string> rows;
    for (const pqxx::row& row : tx.exec(sql)) rows.insert(row[0].c_str());
    return rows;
  }

  // What `a` has and `b` lacks.
  static void Report(Finding& finding, const char* side, const std::set<std::string>& a,
                     const std::set<std::string>& b) {
    for (const std::string& row : a) {
      if (finding.violations.size() == kMaxPerRule) return;
      if (!b.contains(row)) finding.violations.push_back(absl::StrCat(side, row));
    }
  }

  const When now_;
  std::map<std::string, std::unique_ptr<pqxx::connection>> connections_;
  std::vector<Finding> findings_;
};

}  // namespace

absl::StatusOr<std::vector<Finding>> Examine(const Databases& databases, When now) {
  try {
    Examiner examiner(databases, now);
    for (const Rule& rule : ShopRules()) examiner.Examine(rule);
    for (const Rule& rule : EventRules()) examiner.Examine(rule);
    for (const Comparison& rule : Comparisons()) examiner.Examine(rule);
    return examiner.TakeFindings();
  } catch (const pqxx::pqxx_exception& e) {
    return absl::UnavailableError(e.base().what());
  }
}

}  // namespace arasta::chaos
