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
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

using Kind = ImportOutcome::Kind;

// The product that owns a SKU.
struct Owner {
  Uuid id;
  std::string slug;
  ProductState state = ProductState::kActive;
  std::vector<Option> options;
  std::string import_hash;
};

// A row on its way through the batch.
struct Work {
  const ImportedRow* row = nullptr;
  ImportOutcome outcome;
  // What will be written; set unless the product stays as it is.
  Product product;
  // By how much the stock will change, by SKU.
  std::map<std::string, int64_t> moves = {};

  void Fail(const std::string& field, const std::string& reason, const std::string& message) {
    outcome = {Kind::kFailed, {field, reason, message}};
  }
  bool Is(Kind kind) const { return outcome.kind == kind; }
  bool IsLeftOut() const { return Is(Kind::kFailed) || Is(Kind::kDeferred); }
  bool WritesProduct() const { return Is(Kind::kCreated) || Is(Kind::kUpdated); }
};

// Locked by id, so that imports and editors of the same products take turns.
constexpr char kFindOwners[] = R"sql(
  SELECT v.sku, p.id, p.slug, p.state, p.options, encode(p.import_hash, 'hex') AS import_hash
  FROM product p JOIN variant v ON v.product_id = p.id
  WHERE v.sku = ANY ($1::text[]) ORDER BY p.id FOR UPDATE OF p
)sql";

std::map<std::string, Owner> FindOwners(pqxx::work& tx, const std::vector<Work>& works) {
  std::vector<std::string> skus;
  for (const Work& work : works) {
    for (const Variant& variant : work.row->product.variants) skus.push_back(variant.sku);
  }
  std::map<std::string, Owner> owners;
  for (const auto& row : tx.exec_params(kFindOwners, TextArray(skus))) {
    owners[row["sku"].c_str()] = {*Uuid::Parse(row["id"].c_str()), row["slug"].c_str(),
                                  StateFromText(row["state"].c_str()),
                                  OptionsFromJson(row["options"].c_str()), row["import_hash"].c_str()};
  }
  return owners;
}

// Options of variants that the row does not mention stay.
std::vector<Option> Merge(std::vector<Option> options, const std::vector<Option>& existing) {
  for (const Option& old : existing) {
    auto found =
        std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.option == old.option; });
    if (found == options.end()) {
      options.push_back(old);
      continue;
    }
    for (const std::string& value : old.values) {
      if (std::find(found->values.begin(), found->values.end(), value) == found->values.end()) {
        found->values.push_back(value);
      }
    }
  }
  return options;
}

void ClassifyUpdate(Work& work, const Owner& owner) {
  if (owner.state == ProductState::kDeleted) {
    return work.Fail("variants", "PRODUCT_DELETED", "the product of these SKUs is deleted");
  }
  if (owner.import_hash == work.row->hash) return;
  work.outcome.kind = Kind::kUpdated;
  work.product = work.row->product;
  work.product.id = owner.id;
  work.product.state = owner.state;
  work.product.options = Merge(std::move(work.product.options), owner.options);
  if (work.product.slug.empty()) work.product.slug = owner.slug;
}

// Decides for each row what is to be done, without doing it.
void Classify(std::vector<Work>& works, const std::map<std::string, Owner>& owners) {
  std::set<std::string> skus;
  std::set<Uuid> products;
  for (Work& work : works) {
    bool repeated = false;
    std::map<Uuid, const Owner*> owning;
    for (const Variant& variant : work.row->product.variants) {
      repeated = !skus.insert(variant.sku).second || repeated;
      auto owner = owners.find(variant.sku);
      if (owner != owners.end()) owning[owner->second.id] = &owner->second;
    }
    for (const auto& [id, owner] : owning) repeated = !products.insert(id).second || repeated;
    if (repeated) {
      work.outcome.kind = Kind::kDeferred;
    } else if (owning.size() > 1) {
      work.Fail("variants", "SKU_TAKEN", "the SKUs belong to different products");
    } else if (owning.size() == 1) {
      ClassifyUpdate(work, *owning.begin()->second);
    } else {
      work.outcome.kind = Kind::kCreated;
      work.product = work.row->product;
      work.product.id = Uuid::V7(absl::Now());
    }
  }
}

// Slugs of updates, and of new rows that have one of their own.
std::set<std::string> AskedSlugs(const std::vector<Work>& works) {
  std::set<std::string> slugs;
  for (const Work& work : works) {
    if (work.WritesProduct() && !work.product.slug.empty()) slugs.insert(work.product.slug);
  }
  return slugs;
}

constexpr char kFindSlugs[] = "SELECT slug, id FROM product WHERE slug = ANY ($1::text[])";

// Fails rows that ask for the slug of another product or of a row before them.
void CheckSlugs(pqxx::work& tx, std::vector<Work>& works) {
  const std::set<std::string> slugs = AskedSlugs(works);
  std::map<std::string, Uuid> holders;
  for (const auto& row : tx.exec_params(kFindSlugs, TextArray({slugs.begin(), slugs.end()}))) {
    holders[row["slug"].c_str()] = *Uuid::Parse(row["id"].c_str());
  }
  for (Work& work : works) {
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
std::set<std::string> FindDifferent(pqxx::work& tx, const std::vector<Work>& works) {
  nlohmann::json counts = nlohmann::json::array();
  for (const Work& work : works) {
    if (work.IsLeftOut()) continue;
    for (const auto& [sku, on_hand] : work.row->on_hand)
      counts.push_back({{"sku", sku}, {"on_hand", on_hand}});
  }
  std::set<std::string> different;
  for (const auto& row : tx.exec_params(kFindDifferent, counts.dump())) different.emplace(row[0].c_str());
  return different;
}

// What the row's counts come to. SKUs that are not in `stock` are new and have none yet.
void Weigh(Work& work, const std::set<std::string>& different, std::map<std::string, Stock>& stock) {
  for (const auto& [sku, on_hand] : work.row->on_hand) {
    if (!different.contains(sku)) continue;
    const Stock& present = stock[sku];
    if (on_hand < present.reserved) {
      return work.Fail("variants.on_hand", "INSUFFICIENT_STOCK",
                       absl::StrCat(present.reserved, " of ", sku, " are reserved"));
    }
    if (on_hand != present.on_hand) work.moves[sku] = on_hand - present.on_hand;
  }
}

// Locks the stock that is to change, and fails rows that count less than is reserved before anything of
// them is written.
void CheckStock(pqxx::work& tx, std::vector<Work>& works) {
  const std::set<std::string> different = FindDifferent(tx, works);
  if (different.empty()) return;
  std::map<std::string, Stock> stock = LockStock(tx, {different.begin(), different.end()});
  for (Work& work : works) {
    if (!work.IsLeftOut()) Weigh(work, different, stock);
  }
}

// By depth and id, so that two imports wait for each other in one direction only.
void EnsureCategories(pqxx::work& tx, const std::vector<Work>& works) {
  std::map<std::pair<size_t, std::string>, const Category*> categories;
  for (const Work& work : works) {
    if (!work.WritesProduct()) continue;
    const std::vector<Category>& path = work.row->categories;
    for (size_t depth = 0; depth < path.size(); ++depth) {
      categories.emplace(std::pair(depth, path[depth].id), &path[depth]);
    }
  }
  for (const auto& [place, category] : categories) EnsureCategory(tx, *category);
}

// What a new row's slug may be made of, in the order in which rows are served.
enum class SlugSource { kRow, kTitle, kTitleAndSku };

// Empty where the row has nothing to do with this source.
std::string SlugFrom(SlugSource source, const ImportedRow& row) {
  const bool given = !row.product.slug.empty();
  if (source == SlugSource::kRow) return row.product.slug;
  if (given) return "";
  const std::string readable = Slugify(row.product.title);
  return source == SlugSource::kTitle ? readable : UniqueSlug(readable, row.product.variants.front().sku);
}

// Inserts what is new. A slug made from a title yields to one that is there or is asked for; a slug that
// was asked for does not. SLUG_TAKEN where a row finds none: the importer then looks for it by halving.
absl::Status InsertNew(pqxx::work& tx, std::vector<Work>& works) {
  const std::set<std::string> asked = AskedSlugs(works);
  auto waits = [](const Work& work) { return work.Is(Kind::kCreated) && work.product.version == 0; };
  for (SlugSource source : {SlugSource::kRow, SlugSource::kTitle, SlugSource::kTitleAndSku}) {
    std::vector<ProductWrite> writes;
    std::set<std::string> slugs = source == SlugSource::kRow ? std::set<std::string>() : asked;
    for (Work& work : works) {
      if (!waits(work)) continue;
      const std::string slug = SlugFrom(source, *work.row);
      if (slug.empty() || !slugs.insert(slug).second) continue;
      work.product.slug = slug;
      writes.push_back({&work.product, absl::nullopt, work.row->hash});
    }
    const std::set<Uuid> inserted = InsertProducts(tx, writes);
    for (Work& work : works) {
      if (inserted.contains(work.product.id)) work.product.version = 1;
    }
  }
  if (std::none_of(works.begin(), works.end(), waits)) return absl::OkStatus();
  return Error(absl::StatusCode::kAlreadyExists, "SLUG_TAKEN", "a slug has just been taken");
}

// CONTENTION where somebody else has just taken a SKU: the transaction is repeated and sees whose it is.
absl::Status WriteProducts(pqxx::work& tx, std::vector<Work>& works) {
  EnsureCategories(tx, works);
  RETURN_IF_ERROR(InsertNew(tx, works));
  std::vector<const Product*> products;
  std::vector<ProductWrite> updates;
  for (const Work& work : works) {
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
void MoveStock(pqxx::work& tx, std::vector<Work>& works) {
  nlohmann::json moves = nlohmann::json::array();
  for (Work& work : works) {
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
    std::vector<Work> works(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) works[i].row = &rows[i];
    Classify(works, FindOwners(tx, works));
    CheckSlugs(tx, works);
    CheckStock(tx, works);
    RETURN_IF_ERROR(WriteProducts(tx, works));
    MoveStock(tx, works);
    std::vector<ImportOutcome> outcomes;
    for (Work& work : works) outcomes.push_back(std::move(work.outcome));
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
