// Whether a database has been brought to what a program wants of it.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/pg/migrations.h"
#include "common/pg/pool.h"

namespace arasta::pg {

// Thread-safe.
class Schema {
 public:
  Schema(Pool& pool, const std::vector<Migration>& migrations);

  // For readiness: OK where the database answers and all of the migrations have been applied to it, others or
  // not. FAILED_PRECONDITION names the first that has not.
  absl::Status Check();

 private:
  absl::Status FindAll();

  Pool& pool_;
  std::vector<std::string> wanted_;
  std::atomic<bool> complete_{false};  // What was applied stays so.
};

}  // namespace arasta::pg
