#include "services/catalog/product_rows.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <pqxx/pqxx>

#include "services/catalog/product_json.h"
#include "services/catalog/stock_rows.h"

namespace arasta::catalog {

constexpr char kLockProduct[] = "SELECT id FROM product WHERE id = $1::uuid OR slug = $2 FOR UPDATE";

absl::optional<Uuid> LockProduct(pqxx::work& tx, const ProductKey& key) {
  std::optional<std::string> id;
  if (key.id.has_value()) id = key.id->ToString();
  pqxx::result rows = tx.exec_params(kLockProduct, id, key.slug);
  if (rows.empty()) return absl::nullopt;
  return Uuid::Parse(rows[0][0].c_str());
}

// Locked so that nobody removes the category before the product is committed.
constexpr char kFindCategories[] = R"sql(
  SELECT id FROM category WHERE id = ANY ($1::text[]) ORDER BY id FOR KEY SHARE
)sql";

absl::optional<std::string> FindMissingCategory(pqxx::work& tx, const std::set<std::string>& ids) {
  std::set<std::string> missing = ids;
  for (const auto& row : tx.exec_params(kFindCategories, TextArray({ids.begin(), ids.end()}))) {
    missing.erase(row[0].c_str());
  }
  if (missing.empty()) return absl::nullopt;
  return *missing.begin();
}

namespace {

std::string ProductRecords(absl::Span<const ProductWrite> writes) {
  nlohmann::json records = nlohmann::json::array();
  for (const ProductWrite& write : writes) {
    nlohmann::json record = ProductJson(*write.product);
    if (write.request_id.has_value()) record["request_id"] = write.request_id->ToString();
    if (!write.import_hash.empty()) record["import_hash"] = write.import_hash;
    records.push_back(std::move(record));
  }
  return records.dump();
}

// What product_document stems, as it is written: the vocabulary that typing errors are corrected to.
constexpr char kAddWords[] = R"sql(
  INSERT INTO search_word (word)
  SELECT DISTINCT found.word
  FROM jsonb_to_recordset($1::jsonb) AS p (title text, skus text, attributes jsonb, description text),
       unnest(tsvector_to_array(to_tsvector('simple', concat_ws(' ', p.title, p.skus, p.description,
              jsonb_path_query_array(p.attributes, '$[*].value')::text)))) AS found (word)
  WHERE found.word ~ '^[[:alpha:]]{3,30}$'
    AND NOT EXISTS (SELECT FROM search_word known WHERE known.word = found.word)
  ORDER BY found.word
  ON CONFLICT DO NOTHING
)sql";

constexpr char kInsert[] = R"sql(
  INSERT INTO product (id, slug, title, description, category, state, options, attributes, media, request_id,
                       import_hash, document)
  SELECT p.id, p.slug, p.title, p.description, p.category, p.state, p.options, p.attributes, p.media,
         p.request_id, decode(p.import_hash, 'hex'),
         product_document(p.title, p.skus, p.attributes, c.title, p.description)
  FROM jsonb_to_recordset($1::jsonb) AS p (
    id uuid, slug text, title text, description text, category text, state text, options jsonb,
    attributes jsonb, media jsonb, request_id uuid, import_hash text, skus text)
  LEFT JOIN category c ON c.id = p.category
  ORDER BY p.slug
  ON CONFLICT DO NOTHING
  RETURNING id
)sql";

}  // namespace

std::set<Uuid> InsertProducts(pqxx::work& tx, absl::Span<const ProductWrite> writes) {
  std::set<Uuid> inserted;
  if (writes.empty()) return inserted;
  const std::string records = ProductRecords(writes);
  for (const auto& row : tx.exec_params(kInsert, records)) inserted.insert(*Uuid::Parse(row[0].c_str()));
  tx.exec_params(kAddWords, records);
  return inserted;
}

namespace {

constexpr char kUpdate[] = R"sql(
  UPDATE product SET
    slug = p.slug, title = p.title, description = p.description, category = p.category, state = p.state,
    delete_time = CASE WHEN p.state = 'deleted' THEN coalesce(product.delete_time, now()) END,
    options = p.options, attributes = p.attributes, media = p.media, import_hash = decode(p.import_hash, 'hex'),
    version = product.version + 1, update_time = now(),
    document = product_document(
      p.title, coalesce((SELECT string_agg(sku, ' ') FROM variant WHERE product_id = p.id), ''), p.attributes,
      (SELECT title FROM category WHERE id = p.category), p.description)
  FROM jsonb_to_recordset($1::jsonb) AS p (
    id uuid, slug text, title text, description text, category text, state text, options jsonb,
    attributes jsonb, media jsonb, import_hash text)
  WHERE product.id = p.id
)sql";

}  // namespace

void UpdateProducts(pqxx::work& tx, absl::Span<const ProductWrite> writes) {
  if (writes.empty()) return;
  const std::string records = ProductRecords(writes);
  tx.exec_params(kUpdate, records);
  tx.exec_params(kAddWords, records);
}

namespace {

// By SKU, so that two writers of the same SKUs wait for each other in one direction only.
constexpr char kPutVariants[] = R"sql(
  INSERT INTO variant (sku, product_id, position, title, option_values)
  SELECT v.sku, v.product_id, v.position, v.title, v.option_values
  FROM jsonb_to_recordset($1::jsonb) AS v (
    sku text, product_id uuid, position integer, title text, option_values jsonb)
  ORDER BY v.sku
  ON CONFLICT (sku) DO UPDATE
  SET position = excluded.position, title = excluded.title, option_values = excluded.option_values
  WHERE variant.product_id = excluded.product_id
  RETURNING sku
)sql";

constexpr char kAddStock[] = R"sql(
  INSERT INTO stock (sku) SELECT sku FROM unnest($1::text[]) AS sku ORDER BY sku ON CONFLICT DO NOTHING
)sql";

constexpr char kRemovePrices[] = "DELETE FROM price WHERE sku = ANY ($1::text[])";

constexpr char kAddPrices[] = R"sql(
  INSERT INTO price (sku, channel, currency_code, minor_units, start_time, end_time)
  SELECT p.sku, p.channel, p.currency_code, p.minor_units, p.start_time, p.end_time
  FROM jsonb_to_recordset($1::jsonb) AS p (
    sku text, channel text, currency_code text, minor_units bigint, start_time timestamptz, end_time timestamptz)
)sql";

}  // namespace

std::set<std::string> PutVariants(pqxx::work& tx, absl::Span<const Product* const> products) {
  nlohmann::json variants = nlohmann::json::array();
  std::set<std::string> taken;
  for (const Product* product : products) {
    for (size_t i = 0; i < product->variants.size(); ++i) {
      variants.push_back(VariantJson(*product, i));
      taken.insert(product->variants[i].sku);
    }
  }
  std::set<std::string> put;
  for (const auto& row : tx.exec_params(kPutVariants, variants.dump())) put.insert(row[0].c_str());
  for (const std::string& sku : put) taken.erase(sku);

  nlohmann::json prices = nlohmann::json::array();
  for (const Product* product : products) {
    for (const Variant& variant : product->variants) {
      if (!put.contains(variant.sku)) continue;
      for (const Price& price : variant.prices) prices.push_back(PriceJson(variant.sku, price));
    }
  }
  const std::string skus = TextArray({put.begin(), put.end()});
  tx.exec_params(kAddStock, skus);
  tx.exec_params(kRemovePrices, skus);
  tx.exec_params(kAddPrices, prices.dump());
  return taken;
}

void RemoveOtherVariants(pqxx::work& tx, const Product& product) {
  std::vector<std::string> skus;
  for (const Variant& variant : product.variants) skus.push_back(variant.sku);
  tx.exec_params("DELETE FROM variant WHERE product_id = $1::uuid AND NOT sku = ANY ($2::text[])",
                 product.id.ToString(), TextArray(skus));
}

}  // namespace arasta::catalog
