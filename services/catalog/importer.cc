#include "services/catalog/importer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace arasta::catalog {
namespace {

// Long enough that statements cost little a row, short enough that the locks of a batch are not felt.
constexpr size_t kBatch = 250;
constexpr int kMostErrors = 1000;
constexpr int kAttempts = 6;
// After so many rows, and ten times as many, and so on, the tables are of another size.
constexpr int64_t kTellPlannerAfter = 1000;

bool IsPassing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) || absl::IsAborted(status);
}

}  // namespace

Importer::Importer(ImportStore& store, const shop::Channels& channels, const Call& call,
                   const v1::ImportConfig& config)
    : store_(store),
      channels_(channels),
      call_(call),
      dry_run_(config.dry_run()),
      next_row_number_(std::max<int64_t>(1, config.first_row_number())),
      tell_planner_at_(kTellPlannerAfter) {}

absl::Status Importer::Add(const v1::ImportRow& row) {
  const int64_t number = next_row_number_++;
  report_.set_row_count(report_.row_count() + 1);
  absl::variant<ImportedRow, Violation> read = ReadImportRow(row, channels_);
  if (const Violation* violation = absl::get_if<Violation>(&read)) {
    Report(*violation, number, row.variants_size() > 0 ? row.variants(0).sku() : "");
    return absl::OkStatus();
  }
  pending_.push_back(absl::get<ImportedRow>(std::move(read)));
  pending_numbers_.push_back(number);
  return pending_.size() < kBatch ? absl::OkStatus() : Flush();
}

// Deferred rows are about products of the rows before them. Each round imports at least the first row,
// so that the rounds end.
absl::Status Importer::Flush() {
  while (!pending_.empty()) {
    ASSIGN_OR_RETURN(std::vector<ImportOutcome> outcomes, Write(pending_));
    std::vector<ImportedRow> deferred;
    std::vector<int64_t> deferred_numbers;
    for (size_t i = 0; i < pending_.size(); ++i) {
      if (outcomes[i].kind == ImportOutcome::Kind::kDeferred) {
        deferred.push_back(std::move(pending_[i]));
        deferred_numbers.push_back(pending_numbers_[i]);
      } else {
        Count(outcomes[i], pending_numbers_[i], pending_[i].product.variants.front().sku);
      }
    }
    pending_ = std::move(deferred);
    pending_numbers_ = std::move(deferred_numbers);
  }
  if (!dry_run_ && report_.row_count() >= tell_planner_at_) {
    store_.TellPlanner(call_);
    tell_planner_at_ *= 10;
  }
  return absl::OkStatus();
}

// What passes by itself (a busy database, a deadlock with another import) is waited for. What does not
// may be the fault of one row, which is then found by halving.
absl::StatusOr<std::vector<ImportOutcome>> Importer::Write(absl::Span<const ImportedRow> rows) {
  absl::StatusOr<std::vector<ImportOutcome>> outcomes = WriteAtOnce(rows);
  if (outcomes.ok() || call_.Cancelled() || IsPassing(outcomes.status())) return outcomes;
  if (rows.size() > 1) return WriteInHalves(rows);
  if (absl::IsDeadlineExceeded(outcomes.status())) return outcomes;
  const Violation refused = {"", ReasonOf(outcomes.status()), "the database refused the row"};
  return std::vector<ImportOutcome>{{ImportOutcome::Kind::kFailed, refused}};
}

absl::StatusOr<std::vector<ImportOutcome>> Importer::WriteAtOnce(absl::Span<const ImportedRow> rows) {
  absl::Duration wait = absl::Milliseconds(50);
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<std::vector<ImportOutcome>> outcomes = store_.Import(call_, rows, dry_run_);
    if (outcomes.ok() || attempt == kAttempts || !IsPassing(outcomes.status()) || call_.Cancelled())
      return outcomes;
    absl::SleepFor(wait);
    wait *= 2;
  }
}

absl::StatusOr<std::vector<ImportOutcome>> Importer::WriteInHalves(absl::Span<const ImportedRow> rows) {
  ASSIGN_OR_RETURN(std::vector<ImportOutcome> outcomes, Write(rows.subspan(0, rows.size() / 2)));
  ASSIGN_OR_RETURN(std::vector<ImportOutcome> rest, Write(rows.subspan(rows.size() / 2)));
  std::move(rest.begin(), rest.end(), std::back_inserter(outcomes));
  return outcomes;
}

absl::StatusOr<v1::ImportProductsResponse> Importer::Finish() {
  RETURN_IF_ERROR(Flush());
  if (!dry_run_ && report_.created_count() + report_.updated_count() > 0) {
    store_.TellPlanner(call_);
    RETURN_IF_ERROR(store_.AppendImported(call_, report_.created_count(), report_.updated_count()));
  }
  auto by_number = [](const v1::ImportRowError& a, const v1::ImportRowError& b) {
    return a.row_number() < b.row_number();
  };
  std::sort(report_.mutable_errors()->begin(), report_.mutable_errors()->end(), by_number);
  return std::move(report_);
}

void Importer::Count(const ImportOutcome& outcome, int64_t row_number, const std::string& sku) {
  switch (outcome.kind) {
    case ImportOutcome::Kind::kCreated:
      return report_.set_created_count(report_.created_count() + 1);
    case ImportOutcome::Kind::kUpdated:
      return report_.set_updated_count(report_.updated_count() + 1);
    case ImportOutcome::Kind::kUnchanged:
      return report_.set_unchanged_count(report_.unchanged_count() + 1);
    case ImportOutcome::Kind::kFailed:
      return Report(outcome.violation, row_number, sku);
    case ImportOutcome::Kind::kDeferred:
      return;
  }
}

void Importer::Report(const Violation& violation, int64_t row_number, const std::string& sku) {
  report_.set_error_count(report_.error_count() + 1);
  if (report_.errors_size() >= kMostErrors) return;
  v1::ImportRowError& error = *report_.add_errors();
  error.set_row_number(row_number);
  error.set_field(violation.field);
  error.set_reason(violation.reason);
  error.set_message(violation.message);
  error.set_sku(sku);
}

}  // namespace arasta::catalog
