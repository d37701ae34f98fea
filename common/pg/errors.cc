#include "common/pg/errors.h"

#include <pqxx/pqxx>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"
#include "common/log/log.h"

namespace arasta::pg {
namespace {

using absl::StatusCode;

constexpr char kInDoubt[] = "COMMIT_IN_DOUBT";

absl::Status Unavailable() {
  return Error(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", "the database is not available");
}

absl::Status FromSqlState(absl::string_view state, const std::string& query) {
  if (state == "23505") return Error(StatusCode::kAlreadyExists, "CONFLICT", "the resource exists already");
  if (state == "23503" || state == "23514" || state == "23P01") {
    return Error(StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED", "a rule of the data forbids this");
  }
  if (state == "40001" || state == "40P01") {
    return Error(StatusCode::kAborted, "CONTENTION", "concurrent changes got in the way");
  }
  if (state == "55P03") return Error(StatusCode::kUnavailable, "LOCK_TIMEOUT", "the resource is busy");
  if (state == "57014") {
    return Error(StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT", "the database took too long");
  }
  // 08 connection, 53 resources (memory, disk, connections), 57P shutdown, 25006 a standby,
  // 25P03 a session ended for idling in its transaction.
  if (absl::StartsWith(state, "08") || absl::StartsWith(state, "53") || absl::StartsWith(state, "57P") ||
      state == "25006" || state == "25P03") {
    return Unavailable();
  }
  // The query is our own text with $n for values; the message would quote them.
  log::Error("database error", {{"sqlstate", state}, {"query", query.substr(0, 300)}});
  return Error(StatusCode::kInternal, "DATABASE_ERROR", "internal error");
}

}  // namespace

absl::Status CommitInDoubt() {
  return Error(StatusCode::kUnavailable, kInDoubt, "the outcome is not known; ask again");
}

bool IsCommitInDoubt(const absl::Status& status) {
  return ReasonOf(status) == kInDoubt;
}

absl::Status StatusFrom(const std::exception& error) {
  if (dynamic_cast<const pqxx::in_doubt_error*>(&error) ||
      dynamic_cast<const pqxx::statement_completion_unknown*>(&error)) {
    return CommitInDoubt();
  }
  if (dynamic_cast<const pqxx::broken_connection*>(&error)) return Unavailable();
  if (dynamic_cast<const pqxx::serialization_failure*>(&error)) return FromSqlState("40001", "");
  if (dynamic_cast<const pqxx::deadlock_detected*>(&error)) return FromSqlState("40P01", "");
  if (auto* sql = dynamic_cast<const pqxx::sql_error*>(&error)) {
    return FromSqlState(sql->sqlstate(), sql->query());
  }
  log::Error("database error", {{"type", typeid(error).name()}});
  return Error(StatusCode::kInternal, "DATABASE_ERROR", "internal error");
}

}  // namespace arasta::pg
