#include "common/pg/schema.h"

#include <pqxx/pqxx>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/pg/errors.h"

namespace arasta::pg {
namespace {

constexpr char kApplied[] = "SELECT name FROM schema_migrations";

}  // namespace

Schema::Schema(Pool& pool, const std::vector<Migration>& migrations) : pool_(pool) {
  for (const Migration& migration : migrations) wanted_.push_back(migration.name);
}

absl::Status Schema::Check() {
  if (complete_) return pool_.Ping();
  RETURN_IF_ERROR(FindAll());
  complete_ = true;
  return absl::OkStatus();
}

absl::Status Schema::FindAll() {
  ASSIGN_OR_RETURN(Lease lease, pool_.Acquire(absl::Milliseconds(100)));
  std::set<std::string> applied;
  try {
    for (const pqxx::row& row : pqxx::nontransaction(lease.connection()).exec(kApplied)) {
      applied.insert(row[0].c_str());
    }
  } catch (const pqxx::undefined_table&) {
    // None has ever been.
  } catch (const pqxx::pqxx_exception& e) {
    lease.Discard();
    return StatusFrom(e.base());
  }
  for (const std::string& name : wanted_) {
    if (applied.count(name) == 0) {
      return absl::FailedPreconditionError(absl::StrCat("migration ", name, " has not been applied"));
    }
  }
  return absl::OkStatus();
}

}  // namespace arasta::pg
