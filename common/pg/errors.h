// The one place that knows what PostgreSQL's and libpqxx's errors mean to a caller.
#pragma once

#include <exception>

#include "absl/status/status.h"

namespace arasta::pg {

// The status of an exception thrown by libpqxx. Never carries the database's own words: they may hold
// SQL and personal data.
//
//   unique_violation                ALREADY_EXISTS       CONFLICT
//   foreign key, check, exclusion   FAILED_PRECONDITION  CONSTRAINT_VIOLATED
//   serialization failure, deadlock ABORTED              CONTENTION
//   lock_timeout                    UNAVAILABLE          LOCK_TIMEOUT
//   statement_timeout               DEADLINE_EXCEEDED    STATEMENT_TIMEOUT
//   connection, shutdown, resources UNAVAILABLE          DATABASE_UNAVAILABLE
//   a COMMIT without an answer      UNAVAILABLE          COMMIT_IN_DOUBT
//   anything else                   INTERNAL             DATABASE_ERROR, logged
absl::Status StatusFrom(const std::exception& error);

absl::Status CommitInDoubt();
bool IsCommitInDoubt(const absl::Status& status);

}  // namespace arasta::pg
