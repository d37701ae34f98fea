// Forward-only schema migrations, applied by a service's `migrate` command with its migrating role.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace arasta::pg {

struct Migration {
  std::string name;  // "0001_create_products", "events/0001_outbox"
  std::string sql;
};

// Applies those of `migrations` that the database has not seen, in the order given, each in a
// transaction of its own together with its record in schema_migrations. Replicas that start at the
// same time take turns (advisory lock). A migration whose text differs from what was applied is
// refused with FAILED_PRECONDITION and reason MIGRATION_CHANGED.
//
// Ends by granting the tables to the serving role, which is the migrating role's name without
// "_owner" (arasta_order_owner → arasta_order); a migrating role of another name grants nothing.
// schema_migrations itself is readable only, and a table with the comment 'append-only' can be read and
// appended to.
absl::Status Migrate(const std::string& conninfo, const std::vector<Migration>& migrations);

}  // namespace arasta::pg
