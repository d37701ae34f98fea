#include "common/pg/migrations.h"

#include <cstdint>
#include <pqxx/pqxx>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"
#include "common/pg/errors.h"

namespace arasta::pg {
namespace {

// The advisory lock is this session's until it disconnects. lock_timeout would end a fair wait for
// another replica's long migration, so the migrating session has none.
constexpr char kPrepareSession[] = R"sql(
  SET lock_timeout = 0;
  SET statement_timeout = 0;
  SET client_min_messages = warning;
  SELECT pg_advisory_lock(hashtext('arasta.migrations'));
  CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    apply_time timestamptz NOT NULL DEFAULT now())
)sql";

constexpr char kAppendOnlyTables[] = R"sql(
  SELECT oid::regclass FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    AND obj_description(oid, 'pg_class') = 'append-only')sql";

std::string Checksum(const std::string& sql) {
  auto digest = Sha256(sql);
  std::string bytes(digest.begin(), digest.end());
  return absl::BytesToHexString(bytes);
}

absl::Status Apply(pqxx::connection& connection, const Migration& migration) {
  const std::string checksum = Checksum(migration.sql);
  pqxx::work tx(connection);
  pqxx::result seen =
      tx.exec_params("SELECT checksum FROM schema_migrations WHERE name = $1", migration.name);
  if (!seen.empty()) {
    if (seen[0][0].as<std::string>() == checksum) return absl::OkStatus();
    return Error(absl::StatusCode::kFailedPrecondition, "MIGRATION_CHANGED",
                 absl::StrCat("migration ", migration.name, " was applied with another text"));
  }
  tx.exec(migration.sql);
  tx.exec_params("INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)", migration.name, checksum);
  tx.commit();
  log::Info("migration applied", {{"migration", migration.name}});
  return absl::OkStatus();
}

void Grant(pqxx::connection& connection) {
  pqxx::work tx(connection);
  const std::string owner = tx.exec1("SELECT current_user")[0].as<std::string>();
  absl::string_view serving = owner;
  if (!absl::ConsumeSuffix(&serving, "_owner")) return;
  const std::string role = tx.quote_name(std::string(serving));
  tx.exec(absl::StrCat("GRANT USAGE ON SCHEMA public TO ", role,
                       "; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ", role,
                       "; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ", role,
                       "; REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM ", role));
  for (const pqxx::row& table : tx.exec(kAppendOnlyTables)) {
    tx.exec(absl::StrCat("REVOKE UPDATE, DELETE ON ", table[0].c_str(), " FROM ", role));
  }
  tx.commit();
}

}  // namespace

absl::Status Migrate(const std::string& conninfo, const std::vector<Migration>& migrations) {
  std::string current = "the connection";
  try {
    pqxx::connection connection(conninfo);
    pqxx::nontransaction(connection).exec(kPrepareSession);
    for (const Migration& migration : migrations) {
      current = migration.name;
      RETURN_IF_ERROR(Apply(connection, migration));
    }
    current = "the grants";
    Grant(connection);
    return absl::OkStatus();
  } catch (const pqxx::pqxx_exception& e) {
    // Unlike a call's, a migration's error goes to the operator, who needs the database's words.
    absl::Status status = StatusFrom(e.base());
    return Error(status.code(), ReasonOf(status), absl::StrCat(current, ": ", e.base().what()));
  }
}

}  // namespace arasta::pg
