#include "services/catalog/import_batch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/optional.h"
#include "services/catalog/product_proto.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

using Kind = ImportOutcome::Kind;

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

void ClassifyUpdate(ImportWork& work, const SkuOwner& owner) {
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
  // The row kept the contract's bounds alone, but may not together with what was there.
  if (absl::optional<Violation> breach = FindBreach(ToProto(work.product))) {
    work.Fail(breach->field, breach->reason, breach->message);
  }
}

}  // namespace

void Classify(std::vector<ImportWork>& works, const std::map<std::string, SkuOwner>& owners) {
  std::set<std::string> skus;
  std::set<Uuid> products;
  for (ImportWork& work : works) {
    bool repeated = false;
    std::map<Uuid, const SkuOwner*> owning;
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

std::set<std::string> AskedSlugs(const std::vector<ImportWork>& works) {
  std::set<std::string> slugs;
  for (const ImportWork& work : works) {
    if (work.WritesProduct() && !work.product.slug.empty()) slugs.insert(work.product.slug);
  }
  return slugs;
}

std::string SlugFrom(SlugSource source, const ImportedRow& row) {
  const bool given = !row.product.slug.empty();
  if (source == SlugSource::kRow) return row.product.slug;
  if (given) return "";
  const std::string readable = Slugify(row.product.title);
  return source == SlugSource::kTitle ? readable : UniqueSlug(readable, row.product.variants.front().sku);
}

void Weigh(ImportWork& work, const std::set<std::string>& different, std::map<std::string, Stock>& stock) {
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

}  // namespace arasta::catalog
