#include "services/catalog/product_json.h"

#include "absl/strings/str_join.h"
#include "common/pg/time.h"

namespace arasta::catalog {

using nlohmann::json;

void to_json(json& j, const Option& option) {
  j = {{"option", option.option}, {"values", option.values}};
}
void from_json(const json& j, Option& option) {
  option = {j.at("option").get<std::string>(), j.at("values").get<std::vector<std::string>>()};
}

void to_json(json& j, const OptionValue& value) {
  j = {{"option", value.option}, {"value", value.value}};
}
void from_json(const json& j, OptionValue& value) {
  value = {j.at("option").get<std::string>(), j.at("value").get<std::string>()};
}

void to_json(json& j, const Attribute& attribute) {
  j = {{"key", attribute.key}, {"value", attribute.value}};
}
void from_json(const json& j, Attribute& attribute) {
  attribute = {j.at("key").get<std::string>(), j.at("value").get<std::string>()};
}

void to_json(json& j, const Media& media) {
  j = {{"uri", media.uri},
       {"alt_text", media.alt_text},
       {"content_type", media.content_type},
       {"width_px", media.width_px},
       {"height_px", media.height_px}};
}
void from_json(const json& j, Media& media) {
  media = {j.at("uri").get<std::string>(), j.at("alt_text").get<std::string>(),
           j.at("content_type").get<std::string>(), j.at("width_px").get<int32_t>(),
           j.at("height_px").get<int32_t>()};
}

namespace {

std::string TimestampText(absl::Time time) {
  if (time == absl::InfinitePast()) return "-infinity";
  if (time == absl::InfiniteFuture()) return "infinity";
  return pg::ToTimestamp(time);
}

}  // namespace

json ProductJson(const Product& product) {
  return {{"id", product.id.ToString()},
          {"slug", product.slug},
          {"title", product.title},
          {"description", product.description},
          {"category", product.category_id.empty() ? json() : json(product.category_id)},
          {"state", StateText(product.state)},
          {"options", product.options},
          {"attributes", product.attributes},
          {"media", product.media},
          {"skus", absl::StrJoin(product.variants, " ",
                                 [](std::string* out, const Variant& v) { out->append(v.sku); })}};
}

json VariantJson(const Product& product, size_t position) {
  const Variant& variant = product.variants[position];
  return {{"sku", variant.sku},
          {"product_id", product.id.ToString()},
          {"position", position},
          {"title", variant.title},
          {"option_values", variant.option_values}};
}

json PriceJson(const std::string& sku, const Price& price) {
  return {{"sku", sku},
          {"channel", price.channel},
          {"currency_code", price.amount.currency_code},
          {"minor_units", price.amount.minor_units},
          {"start_time", TimestampText(price.start_time)},
          {"end_time", TimestampText(price.end_time)}};
}

namespace {

// Most products have no options, and many no media: that needs no parser.
template <class T>
std::vector<T> Parse(absl::string_view text) {
  if (text == "[]") return {};
  return json::parse(text.begin(), text.end());
}

}  // namespace

std::vector<Option> OptionsFromJson(absl::string_view text) {
  return Parse<Option>(text);
}
std::vector<OptionValue> OptionValuesFromJson(absl::string_view text) {
  return Parse<OptionValue>(text);
}
std::vector<Attribute> AttributesFromJson(absl::string_view text) {
  return Parse<Attribute>(text);
}
std::vector<Media> MediaFromJson(absl::string_view text) {
  return Parse<Media>(text);
}

std::string StateText(ProductState state) {
  switch (state) {
    case ProductState::kActive:
      return "active";
    case ProductState::kDraft:
      return "draft";
    case ProductState::kDeleted:
      return "deleted";
  }
  return "";
}

ProductState StateFromText(const std::string& text) {
  if (text == "active") return ProductState::kActive;
  return text == "draft" ? ProductState::kDraft : ProductState::kDeleted;
}

}  // namespace arasta::catalog
