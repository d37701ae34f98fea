#include "services/catalog/product_lookup_rows.h"

#include <algorithm>
#include <map>
#include <pqxx/pqxx>
#include <utility>

#include "common/pg/time.h"
#include "services/catalog/product_json.h"
#include "services/catalog/stock_rows.h"

namespace arasta::catalog {
namespace {

// A row a variant, or one where a product has none; what is long about a product is in its first row only.
// Of the prices valid now, the one that began last counts.
//
// A parameter inside a SELECT of its own is unknown to the planner, which so finds that no plan made for
// particular keys beats the one it keeps. It would else plan every call anew, at three times the cost of
// this.
constexpr char kLoadProducts[] = R"sql(
  SELECT p.id, p.slug, p.title, p.category, p.state, p.version, p.create_time, p.update_time, p.delete_time,
         CASE WHEN first THEN p.description END, CASE WHEN first THEN p.options END,
         CASE WHEN first THEN p.attributes END, CASE WHEN first THEN p.media END,
         CASE WHEN first THEN (SELECT count(*) FROM variant WHERE product_id = p.id) END,
         v.sku, v.title, v.option_values, c.currency_code, c.minor_units,
         coalesce((SELECT available FROM stock_level WHERE sku = v.sku), 0)
  FROM (
    SELECT * FROM product WHERE id = ANY ((SELECT $1::uuid[])::uuid[])
    UNION ALL
    SELECT * FROM product
    WHERE slug = ANY ((SELECT $2::text[])::text[]) AND id <> ALL ((SELECT $1::uuid[])::uuid[])
  ) AS p
  LEFT JOIN LATERAL (
    SELECT sku, title, option_values, row_number() OVER (ORDER BY position, sku) AS place
    FROM variant WHERE product_id = p.id
    ORDER BY position, sku LIMIT (SELECT $4::integer)
  ) AS v ON true
  CROSS JOIN LATERAL (SELECT coalesce(v.place, 1) = 1 AS first) AS f
  LEFT JOIN LATERAL (
    SELECT currency_code, minor_units FROM price
    WHERE sku = v.sku AND channel = $3 AND start_time <= now() AND now() < end_time
    ORDER BY start_time DESC LIMIT 1
  ) AS c ON true
  ORDER BY p.id, v.place
)sql";

// Its columns by number: to find one by its name takes libpq as long as to read it.
enum Column {
  kId,
  kSlug,
  kTitle,
  kCategory,
  kState,
  kVersion,
  kCreateTime,
  kUpdateTime,
  kDeleteTime,
  kDescription,
  kOptions,
  kAttributes,
  kMedia,
  kVariantCount,
  kSku,
  kVariantTitle,
  kOptionValues,
  kCurrencyCode,
  kMinorUnits,
  kAvailable,
};

// Of a product's first row.
Product ProductOf(const pqxx::row& row) {
  Product product;
  product.id = *Uuid::Parse(row[kId].c_str());
  product.slug = row[kSlug].c_str();
  product.title = row[kTitle].c_str();
  product.category_id = row[kCategory].c_str();
  product.state = StateFromText(row[kState].c_str());
  product.version = row[kVersion].as<int64_t>();
  product.create_time = pg::FromTimestamp(row[kCreateTime]);
  product.update_time = pg::FromTimestamp(row[kUpdateTime]);
  if (!row[kDeleteTime].is_null()) product.delete_time = pg::FromTimestamp(row[kDeleteTime]);
  product.description = row[kDescription].c_str();
  product.options = OptionsFromJson(row[kOptions].c_str());
  product.attributes = AttributesFromJson(row[kAttributes].c_str());
  product.media = MediaFromJson(row[kMedia].c_str());
  product.variant_count = row[kVariantCount].as<int32_t>();
  return product;
}

Variant VariantOf(const pqxx::row& row) {
  Variant variant;
  variant.sku = row[kSku].c_str();
  variant.title = row[kVariantTitle].c_str();
  variant.option_values = OptionValuesFromJson(row[kOptionValues].c_str());
  if (!row[kMinorUnits].is_null()) {
    variant.price = Money{row[kCurrencyCode].c_str(), row[kMinorUnits].as<int64_t>()};
  }
  variant.available = row[kAvailable].as<int64_t>();
  return variant;
}

// By id.
std::vector<Product> Load(pqxx::transaction_base& tx, const std::vector<ProductKey>& keys,
                          const ReadOptions& options) {
  std::vector<std::string> ids;
  std::vector<std::string> slugs;
  for (const ProductKey& key : keys) {
    if (key.id.has_value()) {
      ids.push_back(key.id->ToString());
    } else {
      slugs.push_back(key.slug);
    }
  }
  tx.conn().prepare("load_products", kLoadProducts);
  std::vector<Product> found;
  for (const auto& row : tx.exec_prepared("load_products", TextArray(ids), TextArray(slugs), options.channel,
                                          options.variants)) {
    if (!row[kDescription].is_null()) found.push_back(ProductOf(row));
    if (!row[kSku].is_null()) found.back().variants.push_back(VariantOf(row));
  }
  return found;
}

std::vector<Product> InOrderOf(const std::vector<ProductKey>& keys, std::vector<Product> found) {
  if (keys.size() == 1) return found;
  std::vector<Product> products;
  for (const ProductKey& key : keys) {
    auto product =
        std::find_if(found.begin(), found.end(), [&](const Product& other) { return Names(key, other); });
    if (product != found.end()) products.push_back(*product);
  }
  return products;
}

constexpr char kLoadPrices[] = R"sql(
  SELECT sku, channel, currency_code, minor_units,
         nullif(start_time, '-infinity') AS start_time, nullif(end_time, 'infinity') AS end_time
  FROM price WHERE sku = ANY ($1::text[]) ORDER BY channel, price.start_time
)sql";

void LoadPrices(pqxx::transaction_base& tx, std::vector<Product>& products) {
  std::map<std::string, Variant*> variants;
  std::vector<std::string> skus;
  for (Product& product : products) {
    for (Variant& variant : product.variants) {
      variants[variant.sku] = &variant;
      skus.push_back(variant.sku);
    }
  }
  for (const auto& row : tx.exec_params(kLoadPrices, TextArray(skus))) {
    Price price;
    price.channel = row["channel"].c_str();
    price.amount = {row["currency_code"].c_str(), row["minor_units"].as<int64_t>()};
    if (!row["start_time"].is_null()) price.start_time = pg::FromTimestamp(row["start_time"]);
    if (!row["end_time"].is_null()) price.end_time = pg::FromTimestamp(row["end_time"]);
    variants.at(row["sku"].c_str())->prices.push_back(std::move(price));
  }
}

}  // namespace

bool Names(const ProductKey& key, const Product& product) {
  return key.id.has_value() ? *key.id == product.id : key.slug == product.slug;
}

std::vector<Product> LoadProducts(pqxx::transaction_base& tx, const std::vector<ProductKey>& keys,
                                  const ReadOptions& options) {
  if (keys.empty()) return {};
  std::vector<Product> products = InOrderOf(keys, Load(tx, keys, options));
  if (options.prices) LoadPrices(tx, products);
  return products;
}

}  // namespace arasta::catalog
