// Writing the rows of products, variants and prices inside a transaction: for one product that staff
// edits as for the hundreds of a batch of an import. A statement a step, however many products.
#pragma once

#include <pqxx/transaction>
#include <set>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "common/base/uuid.h"
#include "services/catalog/names.h"
#include "services/catalog/product.h"

namespace arasta::catalog {

// Locks the product until the transaction ends. Nullopt where there is none.
absl::optional<Uuid> LockProduct(pqxx::work& tx, const ProductKey& key);

// The first of the categories that does not exist.
absl::optional<std::string> FindMissingCategory(pqxx::work& tx, const std::set<std::string>& ids);

// A product to write, and where it comes from.
struct ProductWrite {
  const Product* product = nullptr;
  // Of the CreateProduct.
  absl::optional<Uuid> request_id = {};
  // Of the import row, 64 hex digits; empty for a change by staff.
  std::string import_hash = {};
};

// Inserts products without their variants. Returns the ids of those that went in; the others' slug or
// request_id is taken.
std::set<Uuid> InsertProducts(pqxx::work& tx, absl::Span<const ProductWrite> writes);

// Writes products that are locked, after their variants; counts up their versions.
void UpdateProducts(pqxx::work& tx, absl::Span<const ProductWrite> writes);

// Inserts or updates the variants of products, with an empty stock where a SKU is new, and replaces
// their price lists. Returns the SKUs that belong to another product and were left alone.
std::set<std::string> PutVariants(pqxx::work& tx, absl::Span<const Product* const> products);

// Removes the variants of a product that it no longer lists. Their stock stays.
void RemoveOtherVariants(pqxx::work& tx, const Product& product);

}  // namespace arasta::catalog
