// What becomes of the rows of a batch of an import, decided before anything of them is written. No I/O.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/base/uuid.h"
#include "services/catalog/import_row.h"
#include "services/catalog/stock.h"

namespace arasta::catalog {

struct ImportOutcome {
  enum class Kind {
    kCreated,
    kUpdated,
    kUnchanged,
    kFailed,
    // Another row of the batch is about the same product: import it after this batch.
    kDeferred,
  };
  Kind kind = Kind::kUnchanged;
  // Of a row that failed.
  Violation violation = {};
};

// The product that owns a SKU.
struct SkuOwner {
  Uuid id;
  std::string slug;
  ProductState state = ProductState::kActive;
  std::vector<Option> options;
  std::string import_hash;
};

// A row on its way through the batch.
struct ImportWork {
  const ImportedRow* row = nullptr;
  ImportOutcome outcome;
  // What will be written; set unless the product stays as it is.
  Product product;
  // By how much the stock will change, by SKU.
  std::map<std::string, int64_t> moves = {};

  void Fail(const std::string& field, const std::string& reason, const std::string& message) {
    outcome = {ImportOutcome::Kind::kFailed, {field, reason, message}};
  }
  bool Is(ImportOutcome::Kind kind) const { return outcome.kind == kind; }
  bool IsLeftOut() const { return Is(ImportOutcome::Kind::kFailed) || Is(ImportOutcome::Kind::kDeferred); }
  bool WritesProduct() const {
    return Is(ImportOutcome::Kind::kCreated) || Is(ImportOutcome::Kind::kUpdated);
  }
};

// Decides for each row what is to be done, without doing it. `owners` are by SKU.
void Classify(std::vector<ImportWork>& works, const std::map<std::string, SkuOwner>& owners);

// Slugs of updates, and of new rows that have one of their own.
std::set<std::string> AskedSlugs(const std::vector<ImportWork>& works);

// What a new row's slug may be made of, in the order in which rows are served.
enum class SlugSource { kRow, kTitle, kTitleAndSku };

// Empty where the row has nothing to do with this source.
std::string SlugFrom(SlugSource source, const ImportedRow& row);

// What the row's counts come to, of the SKUs that are `different`. Those that are not in `stock` are new and
// have none yet.
void Weigh(ImportWork& work, const std::set<std::string>& different, std::map<std::string, Stock>& stock);

}  // namespace arasta::catalog
