// Bulk import on PostgreSQL: a batch of rows in one transaction, a few statements whatever its size.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/catalog/import_batch.h"

namespace arasta::catalog {

// Thread-safe.
class ImportStore {
 public:
  explicit ImportStore(pg::Pool& pool) : pool_(pool) {}

  // One outcome a row: what is refused is checked before anything is written, so that a row is applied wholly
  // or not at all. With `dry_run` they are what would have happened.
  absl::StatusOr<std::vector<ImportOutcome>> Import(const Call& call, absl::Span<const ImportedRow> rows,
                                                    bool dry_run);

  // Tells who listens that the catalogue has changed in bulk: one event, not one a product.
  absl::Status AppendImported(const Call& call, int64_t created, int64_t updated);

  // Has the database count its tables anew, as its plans depend on it. Where that fails it does so by itself
  // before long.
  void TellPlanner(const Call& call);

 private:
  pg::Pool& pool_;
};

}  // namespace arasta::catalog
