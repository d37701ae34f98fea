#include "services/catalog/product_store.h"

#include <pqxx/pqxx>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arasta/catalog/v1/catalog_events.pb.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/events/outbox.h"
#include "common/pg/transaction.h"
#include "services/catalog/category_rows.h"
#include "services/catalog/product_lookup_rows.h"
#include "services/catalog/product_rows.h"
#include "services/catalog/stock_rows.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

std::string NameOf(const ProductKey& key) {
  return key.id.has_value() ? ProductName(*key.id) : absl::StrCat("products/", key.slug);
}

absl::Status SlugTaken(const std::string& slug) {
  return Error(absl::StatusCode::kAlreadyExists, "SLUG_TAKEN",
               absl::StrCat("another product has the slug ", slug), {{"slug", slug}});
}

absl::Status SkuTaken(const std::string& sku) {
  return Error(absl::StatusCode::kAlreadyExists, "SKU_TAKEN",
               absl::StrCat("another product has the SKU ", sku), {{"sku", sku}});
}

absl::StatusOr<Product> LoadForWriter(pqxx::work& tx, const Uuid& id) {
  ReadOptions all;
  all.variants = 1000;
  all.prices = true;
  std::vector<Product> products = LoadProducts(tx, {{id, ""}}, all);
  if (products.empty()) return NotFound(ProductName(id));
  return std::move(products.front());
}

// What an editor is about to change. NOT_FOUND.
absl::StatusOr<Product> LockAndLoad(pqxx::work& tx, const ProductKey& key) {
  const absl::optional<Uuid> id = LockProduct(tx, key);
  if (!id.has_value()) return NotFound(NameOf(key));
  return LoadForWriter(tx, *id);
}

absl::Status CheckCategory(pqxx::work& tx, const std::string& id) {
  if (id.empty()) return absl::OkStatus();
  absl::optional<std::string> missing = FindMissingCategory(tx, {id});
  return missing.has_value() ? NotFound(CategoryName(*missing)) : absl::OkStatus();
}

absl::Status PutVariantsOf(pqxx::work& tx, const Product& product) {
  const Product* products[] = {&product};
  const std::set<std::string> taken = PutVariants(tx, products);
  return taken.empty() ? absl::OkStatus() : SkuTaken(*taken.begin());
}

void AppendUpdated(pqxx::work& tx, const Call& call, const Product& product) {
  v1::ProductUpdated event;
  event.set_product(ProductName(product.id));
  event.set_version(product.version);
  event.set_deleted(product.state == ProductState::kDeleted);
  events::Append(tx, call, {ProductName(product.id), product.version, event});
}

}  // namespace

absl::StatusOr<std::vector<Product>> ProductStore::Find(const Call& call, const std::vector<ProductKey>& keys,
                                                        const std::string& channel) {
  using Products = absl::StatusOr<std::vector<Product>>;
  return pg::ReadAtOnce(pool_, call, [&](pqxx::nontransaction& tx) -> Products {
    std::vector<Product> products = LoadProducts(tx, keys, {channel});
    for (size_t i = 0; i < keys.size(); ++i) {
      if (i == products.size() || !Names(keys[i], products[i])) return NotFound(NameOf(keys[i]));
    }
    return products;
  });
}

namespace {

constexpr char kListAll[] = R"sql(
  SELECT id FROM product WHERE state = 'active' AND id > $1::uuid ORDER BY id LIMIT $2
)sql";

constexpr char kListCategories[] = R"sql(
  SELECT id FROM product WHERE state = 'active' AND id > $1::uuid AND category = ANY ($3::text[])
  ORDER BY id LIMIT $2
)sql";

}  // namespace

absl::StatusOr<std::vector<Product>> ProductStore::List(const Call& call, const std::string& category_id,
                                                        const absl::optional<Uuid>& after, int limit,
                                                        const std::string& channel) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<Product>> {
    const std::string start = after.value_or(Uuid()).ToString();
    const pqxx::result rows = category_id.empty() ? tx.exec_params(kListAll, start, limit)
                                                  : tx.exec_params(kListCategories, start, limit,
                                                                   TextArray(SubtreeOf(tx, {category_id})));
    std::vector<ProductKey> keys;
    for (const auto& row : rows) keys.push_back({Uuid::Parse(row[0].c_str()), ""});
    return LoadProducts(tx, keys, {channel});
  });
}

namespace {

// $1 in a SELECT of its own, as in product_lookup_rows.cc: planned once.
constexpr char kFindVariants[] = R"sql(
  SELECT v.sku, v.title, v.product_id, p.title AS product_title, p.media #>> '{0,uri}' AS image_uri,
         c.currency_code, c.minor_units,
         coalesce((SELECT available FROM stock_level WHERE sku = v.sku), 0) AS available
  FROM variant v
  JOIN product p ON p.id = v.product_id AND p.state = 'active'
  LEFT JOIN LATERAL (
    SELECT currency_code, minor_units FROM price
    WHERE sku = v.sku AND channel = $2 AND start_time <= now() AND now() < end_time
    ORDER BY start_time DESC LIMIT 1
  ) AS c ON true
  WHERE v.sku = ANY ((SELECT $1::text[])::text[])
)sql";

}  // namespace

absl::StatusOr<std::vector<SellableVariant>> ProductStore::FindVariants(const Call& call,
                                                                        const std::vector<std::string>& skus,
                                                                        const std::string& channel) {
  using Variants = absl::StatusOr<std::vector<SellableVariant>>;
  return pg::ReadAtOnce(pool_, call, [&](pqxx::nontransaction& tx) -> Variants {
    tx.conn().prepare("find_variants", kFindVariants);
    std::vector<SellableVariant> found;
    for (const auto& row : tx.exec_prepared("find_variants", TextArray(skus), channel)) {
      SellableVariant sellable;
      sellable.variant.sku = row["sku"].c_str();
      sellable.variant.title = row["title"].c_str();
      sellable.variant.available = row["available"].as<int64_t>();
      if (!row["minor_units"].is_null()) {
        sellable.variant.price = Money{row["currency_code"].c_str(), row["minor_units"].as<int64_t>()};
      }
      sellable.product_id = *Uuid::Parse(row["product_id"].c_str());
      sellable.product_title = row["product_title"].c_str();
      sellable.image_uri = row["image_uri"].c_str();
      found.push_back(std::move(sellable));
    }
    return found;
  });
}

namespace {

constexpr char kFindByRequest[] = "SELECT id FROM product WHERE request_id = $1::uuid";

absl::optional<Uuid> FindByRequest(pqxx::work& tx, const absl::optional<Uuid>& request_id) {
  if (!request_id.has_value()) return absl::nullopt;
  pqxx::result rows = tx.exec_params(kFindByRequest, request_id->ToString());
  if (rows.empty()) return absl::nullopt;
  return Uuid::Parse(rows[0][0].c_str());
}

// Inserts with the slug given, or else with the first of two made from the title that is free.
bool InsertWithSlug(pqxx::work& tx, Product& product, const absl::optional<Uuid>& request_id) {
  const bool given = !product.slug.empty();
  const std::string base = Slugify(product.title);
  if (!given) product.slug = base.empty() ? absl::StrCat("product-", product.id.ToString()) : base;
  const ProductWrite writes[] = {{&product, request_id}};
  if (!InsertProducts(tx, writes).empty()) return true;
  if (given) return false;
  product.slug = UniqueSlug(base, product.id.ToString());
  return !InsertProducts(tx, writes).empty();
}

}  // namespace

absl::StatusOr<Product> ProductStore::Create(const Call& call, Product product,
                                             const absl::optional<Uuid>& request_id) {
  auto create = [&](pqxx::work& tx) -> absl::StatusOr<Product> {
    if (absl::optional<Uuid> made = FindByRequest(tx, request_id)) return LoadForWriter(tx, *made);
    RETURN_IF_ERROR(CheckCategory(tx, product.category_id));
    Product created = product;
    if (!InsertWithSlug(tx, created, request_id)) {
      // Somebody was faster: our own repeat, or another product of that slug.
      if (absl::optional<Uuid> made = FindByRequest(tx, request_id)) return LoadForWriter(tx, *made);
      return SlugTaken(created.slug);
    }
    RETURN_IF_ERROR(PutVariantsOf(tx, created));
    ASSIGN_OR_RETURN(created, LoadForWriter(tx, created.id));
    AppendUpdated(tx, call, created);
    return created;
  };
  auto resolve = [&](pqxx::work& tx) { return LoadForWriter(tx, product.id); };
  return pg::InTransaction(pool_, call, create, resolve);
}

namespace {

constexpr char kSlugOfAnother[] = "SELECT 1 FROM product WHERE slug = $1 AND id <> $2::uuid";

}  // namespace

absl::StatusOr<Product> ProductStore::Update(const Call& call, const ProductKey& key,
                                             absl::FunctionRef<absl::Status(Product&)> edit) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Product> {
    ASSIGN_OR_RETURN(Product product, LockAndLoad(tx, key));
    if (product.state == ProductState::kDeleted) {
      return Error(absl::StatusCode::kFailedPrecondition, "PRODUCT_DELETED", "the product is deleted");
    }
    RETURN_IF_ERROR(edit(product));
    RETURN_IF_ERROR(CheckCategory(tx, product.category_id));
    if (!tx.exec_params(kSlugOfAnother, product.slug, product.id.ToString()).empty()) {
      return SlugTaken(product.slug);
    }
    RemoveOtherVariants(tx, product);
    RETURN_IF_ERROR(PutVariantsOf(tx, product));
    const ProductWrite writes[] = {{&product}};
    UpdateProducts(tx, writes);
    ASSIGN_OR_RETURN(product, LoadForWriter(tx, product.id));
    AppendUpdated(tx, call, product);
    return product;
  });
}

absl::Status ProductStore::Delete(const Call& call, const ProductKey& key, const std::string& etag) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    ASSIGN_OR_RETURN(Product product, LockAndLoad(tx, key));
    if (product.state == ProductState::kDeleted) return absl::OkStatus();
    RETURN_IF_ERROR(CheckEtag(etag, product.version));
    product.state = ProductState::kDeleted;
    const ProductWrite writes[] = {{&product}};
    UpdateProducts(tx, writes);
    ++product.version;
    AppendUpdated(tx, call, product);
    return absl::OkStatus();
  });
}

}  // namespace arasta::catalog
