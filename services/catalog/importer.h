// The way of one import: rows in, batches out, a report at the end.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "arasta/catalog/v1/catalog_admin_service.pb.h"
#include "services/catalog/import_store.h"

namespace arasta::catalog {

// For one call, on one thread.
class Importer {
 public:
  Importer(ImportStore& store, const shop::Channels& channels, const Call& call,
           const v1::ImportConfig& config);

  // Reports a bad row and goes on; writes when a batch is full. An error is the database's, and ends
  // the import with all batches before it kept.
  absl::Status Add(const v1::ImportRow& row);

  // Writes what is left and tells what happened.
  absl::StatusOr<v1::ImportProductsResponse> Finish();

 private:
  absl::Status Flush();
  absl::StatusOr<std::vector<ImportOutcome>> Write(absl::Span<const ImportedRow> rows);
  absl::StatusOr<std::vector<ImportOutcome>> WriteAtOnce(absl::Span<const ImportedRow> rows);
  absl::StatusOr<std::vector<ImportOutcome>> WriteInHalves(absl::Span<const ImportedRow> rows);
  void Count(const ImportOutcome& outcome, int64_t row_number, const std::string& sku);
  void Report(const Violation& violation, int64_t row_number, const std::string& sku);

  ImportStore& store_;
  const shop::Channels& channels_;
  const Call& call_;
  const bool dry_run_;
  int64_t next_row_number_;
  int64_t tell_planner_at_;
  // Rows that wait to be written, and their numbers.
  std::vector<ImportedRow> pending_;
  std::vector<int64_t> pending_numbers_;
  v1::ImportProductsResponse report_;
};

}  // namespace arasta::catalog
