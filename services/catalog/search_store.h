// Search on PostgreSQL alone: weighted full text, a vocabulary with trigrams for typing errors, filters
// and facets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/base/uuid.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/catalog/product.h"

namespace arasta::catalog {

struct AttributeFilter {
  std::string key;
  std::vector<std::string> values;
};

// What a product must be beside matching the words; all empty accepts every active one.
struct SearchFilter {
  std::vector<std::string> category_ids;
  absl::optional<int64_t> min_price;
  absl::optional<int64_t> max_price;
  bool available_only = false;
  std::vector<AttributeFilter> attributes;
};

// Where the next page begins: after this product, in the results of this query.
struct SearchCursor {
  // A text of tsquery, as it was resolved for the first page; empty matches every product.
  std::string query;
  int64_t score = 0;
  Uuid id;
};

struct Search {
  // Clean (text.h); empty matches every product.
  std::string words;
  SearchFilter filter;
  std::string channel = shop::kDefaultChannel;
  // "category" or the key of an attribute.
  std::vector<std::string> facets;
  int limit = 20;
  absl::optional<SearchCursor> after;
};

struct FacetCount {
  std::string value;
  std::string title;
  int64_t count = 0;
};

struct Facet {
  std::string facet;
  std::vector<FacetCount> counts;
};

struct SearchResult {
  // Best first; at most `limit`.
  std::vector<Product> products;
  // Set where there are more.
  absl::optional<SearchCursor> next;
  std::vector<Facet> facets;
};

// Thread-safe. Any text is a query.
class SearchStore {
 public:
  explicit SearchStore(pg::Pool& pool) : pool_(pool) {}

  absl::StatusOr<SearchResult> Find(const Call& call, const Search& search);

 private:
  pg::Pool& pool_;
};

}  // namespace arasta::catalog
