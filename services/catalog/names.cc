#include "services/catalog/names.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

absl::Status Malformed(absl::string_view field, absl::string_view form) {
  return InvalidField(field, absl::StrCat("must be of the form ", form), "INVALID_NAME");
}

}  // namespace

std::string ProductName(const Uuid& id) {
  return absl::StrCat("products/", id.ToString());
}

absl::StatusOr<ProductKey> ParseProductName(absl::string_view name, absl::string_view field) {
  if (absl::ConsumePrefix(&name, "products/")) {
    if (absl::optional<Uuid> id = Uuid::Parse(name)) return ProductKey{id, ""};
    if (IsSlug(name)) return ProductKey{absl::nullopt, std::string(name)};
  }
  return Malformed(field, "products/{product}");
}

std::string CategoryName(absl::string_view id) {
  return id.empty() ? "" : absl::StrCat("categories/", id);
}

absl::StatusOr<std::string> ParseCategoryName(absl::string_view name, absl::string_view field) {
  if (name.empty()) return std::string();
  if (absl::ConsumePrefix(&name, "categories/") && IsSlug(name)) return std::string(name);
  return Malformed(field, "categories/{category}");
}

std::string StockName(absl::string_view sku) {
  return absl::StrCat("stock/", sku);
}

absl::StatusOr<std::string> ParseStockName(absl::string_view name, absl::string_view field) {
  if (absl::ConsumePrefix(&name, "stock/") && IsSku(name)) return std::string(name);
  return Malformed(field, "stock/{sku}");
}

std::string OrderName(const Uuid& id) {
  return absl::StrCat("orders/", id.ToString());
}

absl::StatusOr<Uuid> ParseOrderName(absl::string_view name, absl::string_view field) {
  if (absl::ConsumePrefix(&name, "orders/")) {
    if (absl::optional<Uuid> id = Uuid::Parse(name)) return *id;
  }
  return Malformed(field, "orders/{order}");
}

}  // namespace arasta::catalog
