// One row of a bulk import, checked and in the shop's own terms. No I/O.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "arasta/catalog/v1/import.pb.h"
#include "google/protobuf/message.h"
#include "services/catalog/category.h"
#include "services/catalog/product.h"

namespace arasta::catalog {

struct ImportedRow {
  // Without id; without slug where the row has none.
  Product product;
  // From the root to the product's own.
  std::vector<Category> categories;
  // The counts of the shelf, by SKU.
  std::map<std::string, int64_t> on_hand;
  // Of all but the counts, as 64 hex digits: equal rows have equal hashes.
  std::string hash;
};

// What breaks the bounds that the contract sets to the message that a row becomes.
absl::optional<Violation> FindBreach(const google::protobuf::Message& message);

// The row, or the first thing that is wrong with it, its field named as in ImportRow.
absl::variant<ImportedRow, Violation> ReadImportRow(const v1::ImportRow& row, const shop::Channels& channels);

}  // namespace arasta::catalog
