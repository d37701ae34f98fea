// Products in the form in which statements take them, many at once, as one jsonb parameter, and in
// which jsonb columns hold parts of them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/catalog/product.h"

namespace arasta::catalog {

// {"id", "slug", "title", "description", "category", "state", "options", "attributes", "media", "skus"}
nlohmann::json ProductJson(const Product& product);
// {"sku", "product_id", "position", "title", "option_values"}
nlohmann::json VariantJson(const Product& product, size_t position);
// {"sku", "channel", "currency_code", "minor_units", "start_time", "end_time"}
nlohmann::json PriceJson(const std::string& sku, const Price& price);

// Of columns that the above wrote.
std::vector<Option> OptionsFromJson(absl::string_view json);
std::vector<OptionValue> OptionValuesFromJson(absl::string_view json);
std::vector<Attribute> AttributesFromJson(absl::string_view json);
std::vector<Media> MediaFromJson(absl::string_view json);

std::string StateText(ProductState state);
ProductState StateFromText(const std::string& text);

}  // namespace arasta::catalog
