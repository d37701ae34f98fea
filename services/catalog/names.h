// Resource names on the wire and the ids inside.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "common/base/uuid.h"

namespace arasta::catalog {

// What "products/{product}" may name a product by; exactly one is set.
struct ProductKey {
  absl::optional<Uuid> id;
  std::string slug;
};

std::string ProductName(const Uuid& id);
// INVALID_ARGUMENT naming `field` where `name` is not of the form; so do the others.
absl::StatusOr<ProductKey> ParseProductName(absl::string_view name, absl::string_view field);

// Empty for no category.
std::string CategoryName(absl::string_view id);
// Empty stays empty.
absl::StatusOr<std::string> ParseCategoryName(absl::string_view name, absl::string_view field);

std::string StockName(absl::string_view sku);
absl::StatusOr<std::string> ParseStockName(absl::string_view name, absl::string_view field);

std::string OrderName(const Uuid& id);
absl::StatusOr<Uuid> ParseOrderName(absl::string_view name, absl::string_view field);

}  // namespace arasta::catalog
