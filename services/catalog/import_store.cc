#include "services/catalog/import_store.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arasta/catalog/v1/catalog_events.pb.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/events/outbox.h"
#include "common/pg/transaction.h"
#include "services/catalog/category_rows.h"
#include "services/catalog/product_json.h"
#include "services/catalog/product_rows.h"
#include "services/catalog/stock_rows.h"

namespace arasta::catalog {
namespace {

using Kind = ImportOutcome::Kind;

// Locked by id, so that imports and editors of the same products take turns.
constexpr char kFindOwners[] = R"sql(
  SELECT v.sku, p.id, p.slug, p.state, p.options, encode(p.import_hash, 'hex') AS import_hash
  FROM product p JOIN variant v ON v.product_id = p.id
  WHERE v.sku = ANY ($1::text[]) ORDER BY p.id FOR UPDATE OF p
)sql";

std::map<std::string, SkuOwner> FindOwners(pqxx::work& tx, const std::vector<ImportWork>& works) {
  std::vector<std::string> skus;
  for (const ImportWork& work : works) {
    for (const Variant& variant : work.row->product.variants) skus.push_back(variant.sku);
  }
  std::map<std::string, SkuOwner> owners;
  for (const auto& row : tx.exec_params(kFindOwners, TextArray(skus))) {
    owners[row["sku"].c_str()] = {*Uuid::Parse(row["id"].c_str()), row["slug"].c_str(),
                                  StateFromText(row["state"].c_str()),
                                  OptionsFromJson(row["options"].c_str()), row["import_hash"].c_str()};
  }
  return owners;
}

constexpr char kFindSlugs[] = "SELECT slug, id FROM product WHERE slug = ANY ($1::text[])";

// Fails rows that ask for the slug of another product or of a row before them.
void CheckSlugs(pqxx::work& tx, std::vector<ImportWork>& works) {
  const std::set<std::string> slugs = AskedSlugs(works);
  std::map<std::string, Uuid> holders;
  for (const auto& row : tx.exec_params(kFindSlugs, TextArray({slugs.begin(), slugs.end()}))) {
    holders[row["slug"].c_str()] = *Uuid::Parse(row["id"].c_str());
  }
  for (ImportWork& work : works) {
    if (!work.WritesProduct() || work.product.slug.empty()) continue;
    const Uuid holder = holders.emplace(work.product.slug, work.product.id).first->second;
    if (holder == work.product.id) continue;
    work.Fail("slug", "SLUG_TAKEN", absl::StrCat("another product has the slug ", work.product.slug));
  }
}

constexpr char kFindDifferent[] = R"sql(
  SELECT w.sku FROM jsonb_to_recordset($1::jsonb) AS w (sku text, on_hand bigint) LEFT JOIN stock s ON s.sku = w.sku
  WHERE w.on_hand <> coalesce(s.on_hand, 0)
)sql";

// The SKUs whose counts differ from the stock. Most of a repeated import changes nothing and locks nothing.
std::set<std::string> FindDifferent(pqxx::work& tx, const std::vector<ImportWork>& works) {
  nlohmann::json counts = nlohmann::json::array();
  for (const ImportWork& work : works) {
    if (work.IsLeftOut()) continue;
    for (const auto& [sku, on_hand] : work.row->on_hand)
      counts.push_back({{"sku", sku}, {"on_hand", on_hand}});
  }
  std::set<std::string> different;
  for (const auto& row : tx.exec_params(kFindDifferent, counts.dump())) different.emplace(row[0].c_str());
  return different;
}

// Locks the stock that is to change, and fails rows that count less than is reserved before anything of
// them is written.
void CheckStock(pqxx::work& tx, std::vector<ImportWork>& works) {
  const std::set<std::string> different = FindDifferent(tx, works);
  if (different.empty()) return;
  std::map<std::string, Stock> stock = LockStock(tx, {different.begin(), different.end()});
  for (ImportWork& work : works) {
    if (!work.IsLeftOut()) Weigh(work, different, stock);
  }
}

// By depth and id, so that two imports wait for each other in one direction only.
void EnsureCategories(pqxx::work& tx, const std::vector<ImportWork>& works) {
  std::map<std::pair<size_t, std::string>, const Category*> categories;
  for (const ImportWork& work : works) {
    if (!work.WritesProduct()) continue;
    const std::vector<Category>& path = work.row->categories;
    for (size_t depth = 0; depth < path.size(); ++depth) {
      categories.emplace(std::pair(depth, path[depth].id), &path[depth]);
    }
  }
  for (const auto& [place, category] : categories) EnsureCategory(tx, *category);
}

// Inserts what is new. A slug made from a title yields to one that is there or is asked for; a slug that
// was asked for does not. SLUG_TAKEN where a row finds none: the importer then looks for it by halving.
absl::Status InsertNew(pqxx::work& tx, std::vector<ImportWork>& works) {
  const std::set<std::string> asked = AskedSlugs(works);
  auto waits = [](const ImportWork& work) { return work.Is(Kind::kCreated) && work.product.version == 0; };
  for (SlugSource source : {SlugSource::kRow, SlugSource::kTitle, SlugSource::kTitleAndSku}) {
    std::vector<ProductWrite> writes;
    std::set<std::string> slugs = source == SlugSource::kRow ? std::set<std::string>() : asked;
    for (ImportWork& work : works) {
      if (!waits(work)) continue;
      const std::string slug = SlugFrom(source, *work.row);
      if (slug.empty() || !slugs.insert(slug).second) continue;
      work.product.slug = slug;
      writes.push_back({&work.product, absl::nullopt, work.row->hash});
    }
    const std::set<Uuid> inserted = InsertProducts(tx, writes);
    for (ImportWork& work : works) {
      if (inserted.contains(work.product.id)) work.product.version = 1;
    }
  }
  if (std::none_of(works.begin(), works.end(), waits)) return absl::OkStatus();
  return Error(absl::StatusCode::kAlreadyExists, "SLUG_TAKEN", "a slug has just been taken");
}

// CONTENTION where somebody else has just taken a SKU: the transaction is repeated and sees whose it is.
absl::Status WriteProducts(pqxx::work& tx, std::vector<ImportWork>& works) {
  EnsureCategories(tx, works);
  RETURN_IF_ERROR(InsertNew(tx, works));
  std::vector<const Product*> products;
  std::vector<ProductWrite> updates;
  for (const ImportWork& work : works) {
    if (work.WritesProduct()) products.push_back(&work.product);
    if (work.Is(Kind::kUpdated)) updates.push_back({&work.product, absl::nullopt, work.row->hash});
  }
  if (products.empty()) return absl::OkStatus();
  if (!PutVariants(tx, products).empty()) {
    return Error(absl::StatusCode::kAborted, "CONTENTION", "another import is writing the same SKUs");
  }
  UpdateProducts(tx, updates);
  return absl::OkStatus();
}

constexpr char kMove[] = R"sql(
  WITH moves AS (
    SELECT sku, delta FROM jsonb_to_recordset($1::jsonb) AS m (sku text, delta bigint)
  ), moved AS (
    INSERT INTO stock_movement (sku, delta, kind) SELECT sku, delta, 'import' FROM moves
  )
  UPDATE stock SET on_hand = stock.on_hand + moves.delta, update_time = now()
  FROM moves WHERE stock.sku = moves.sku
)sql";

// Sets the stock that CheckStock has locked to what was counted.
void MoveStock(pqxx::work& tx, std::vector<ImportWork>& works) {
  nlohmann::json moves = nlohmann::json::array();
  for (ImportWork& work : works) {
    if (work.IsLeftOut()) continue;
    for (const auto& [sku, delta] : work.moves) moves.push_back({{"sku", sku}, {"delta", delta}});
    if (!work.moves.empty() && work.Is(Kind::kUnchanged)) work.outcome.kind = Kind::kUpdated;
  }
  if (!moves.empty()) tx.exec_params(kMove, moves.dump());
}

}  // namespace

absl::StatusOr<std::vector<ImportOutcome>> ImportStore::Import(const Call& call,
                                                               absl::Span<const ImportedRow> rows,
                                                               bool dry_run) {
  auto import = [&](pqxx::work& tx) -> absl::StatusOr<std::vector<ImportOutcome>> {
    std::vector<ImportWork> works(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) works[i].row = &rows[i];
    Classify(works, FindOwners(tx, works));
    CheckSlugs(tx, works);
    CheckStock(tx, works);
    RETURN_IF_ERROR(WriteProducts(tx, works));
    MoveStock(tx, works);
    std::vector<ImportOutcome> outcomes;
    for (ImportWork& work : works) outcomes.push_back(std::move(work.outcome));
    return outcomes;
  };
  return dry_run ? pg::ReadOnly(pool_, call, import) : pg::InTransaction(pool_, call, import);
}

absl::Status ImportStore::AppendImported(const Call& call, int64_t created, int64_t updated) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    const std::string name = absl::StrCat("imports/", Uuid::V7(absl::Now()).ToString());
    v1::ProductsImported event;
    event.set_import(name);
    event.set_created_count(created);
    event.set_updated_count(updated);
    events::Append(tx, call, {name, 1, event});
    return absl::OkStatus();
  });
}

void ImportStore::TellPlanner(const Call& call) {
  pg::InTransaction(pool_, call, [](pqxx::work& tx) {
    tx.exec("SELECT tell_planner()");
    return absl::OkStatus();
  }).IgnoreError();
}

}  // namespace arasta::catalog
