#include "services/catalog/search_store.h"

#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/pg/transaction.h"
#include "services/catalog/category_rows.h"
#include "services/catalog/product_lookup_rows.h"
#include "services/catalog/search_word_rows.h"
#include "services/catalog/stock_rows.h"

namespace arasta::catalog {
namespace {

// Everything that passes words and filters, best first, with an integer score that pages can continue
// from. Prices and stock are looked up last and in that order, so that a page looks up little more than
// it shows. OFFSET 0 keeps the planner from doing it first, and (SELECT true …) instead of EXISTS from
// making a join with everything of it.
//
//   $1 tsquery, '' for all   $2 the words as typed    $3 categories, {} for all
//   $4 attributes: an array (all of) of arrays (any of) of {"key", "value"}
//   $5 channel   $6, $7 least and highest price, null for any   $8 available only
constexpr char kFound[] = R"sql(
  FROM (
    SELECT * FROM (
      SELECT id, category, attributes,
             CASE WHEN $1 = '' THEN 0
                  ELSE (ts_rank('{0.1, 0.2, 0.4, 1.0}', document, $1::tsquery, 1) * 1000000)::bigint
                       + CASE WHEN lower(title) = lower($2) THEN 1000000 ELSE 0 END
             END AS score
      FROM product
      WHERE state = 'active'
        AND ($1 = '' OR document @@ $1::tsquery)
        AND ($3::text[] = '{}' OR category = ANY ($3::text[]))
        AND ($4::jsonb = '[]' OR NOT EXISTS (
          SELECT FROM jsonb_array_elements($4::jsonb) AS wanted
          WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(wanted) AS one
                            WHERE attributes @> jsonb_build_array(one))))
      ORDER BY score DESC, id OFFSET 0
    ) AS matching
    WHERE (($6::bigint IS NULL AND $7::bigint IS NULL) OR (
        SELECT true FROM variant v, LATERAL (
          SELECT minor_units FROM price
          WHERE sku = v.sku AND channel = $5 AND start_time <= now() AND now() < end_time
          ORDER BY start_time DESC LIMIT 1
        ) AS price
        WHERE v.product_id = matching.id
          AND minor_units >= coalesce($6::bigint, minor_units) AND minor_units <= coalesce($7::bigint, minor_units)
        LIMIT 1))
      AND (NOT $8::boolean OR (
        SELECT true FROM variant v JOIN stock_level s ON s.sku = v.sku
        WHERE v.product_id = matching.id AND s.available > 0 LIMIT 1))
  ) AS found
)sql";

// $9 from the start, else after ($10, $11).
constexpr char kPageColumns[] = "SELECT id, score";
constexpr char kPage[] = R"sql(
  WHERE $9::boolean OR score < $10::bigint OR (score = $10::bigint AND id > $11::uuid)
  ORDER BY score DESC, id LIMIT $12
)sql";

constexpr char kCategoryColumns[] = "SELECT c.id AS value, c.title AS title, count(*) AS count";
constexpr char kCategoryCounts[] = R"sql(
  JOIN category c ON c.id = found.category
  GROUP BY c.id ORDER BY count DESC, c.id LIMIT 50
)sql";

// $9 the attribute's key.
constexpr char kAttributeColumns[] = "SELECT one ->> 'value' AS value, '' AS title, count(*) AS count";
constexpr char kAttributeCounts[] = R"sql(
  , jsonb_array_elements(found.attributes) AS one
  WHERE one ->> 'key' = $9
  GROUP BY value ORDER BY count DESC, value LIMIT 50
)sql";

// Parameters $1 to $8.
struct Matching {
  std::string query;
  std::string words;
  std::string categories;
  std::string attributes;
  std::string channel;
  absl::optional<int64_t> min_price;
  absl::optional<int64_t> max_price;
  bool available_only = false;
};

std::string AttributesJson(const std::vector<AttributeFilter>& filters) {
  nlohmann::json all = nlohmann::json::array();
  for (const AttributeFilter& filter : filters) {
    nlohmann::json any = nlohmann::json::array();
    for (const std::string& value : filter.values) any.push_back({{"key", filter.key}, {"value", value}});
    all.push_back(std::move(any));
  }
  return all.dump();
}

Matching MatchingOf(pqxx::work& tx, const std::string& query, const Search& search,
                    const SearchFilter& filter) {
  std::string categories = "{}";
  if (!filter.category_ids.empty()) {
    // A category that does not exist has no subtree, and must not let everything pass.
    std::vector<std::string> subtree = SubtreeOf(tx, filter.category_ids);
    categories = TextArray(subtree.empty() ? filter.category_ids : subtree);
  }
  return {query,          search.words,     std::move(categories), AttributesJson(filter.attributes),
          search.channel, filter.min_price, filter.max_price,      filter.available_only};
}

template <typename... More>
pqxx::result Run(pqxx::work& tx, const char* columns, const char* rest, const Matching& m,
                 const More&... more) {
  return tx.exec_params(absl::StrCat(columns, kFound, rest), m.query, m.words, m.categories, m.attributes,
                        m.channel, m.min_price, m.max_price, m.available_only, more...);
}

// Counts what would be found without the facet's own filter, so that a customer sees the other choices.
Facet CountFacet(pqxx::work& tx, const std::string& facet, const std::string& query, const Search& search) {
  SearchFilter others = search.filter;
  const bool by_category = facet == "category";
  if (by_category) others.category_ids.clear();
  std::erase_if(others.attributes, [&](const AttributeFilter& filter) { return filter.key == facet; });
  const Matching matching = MatchingOf(tx, query, search, others);
  const pqxx::result rows = by_category ? Run(tx, kCategoryColumns, kCategoryCounts, matching)
                                        : Run(tx, kAttributeColumns, kAttributeCounts, matching, facet);
  Facet counted{facet, {}};
  for (const auto& row : rows) {
    counted.counts.push_back({row["value"].c_str(), row["title"].c_str(), row["count"].as<int64_t>()});
  }
  return counted;
}

SearchResult FindPage(pqxx::work& tx, const std::string& query, const Search& search) {
  const SearchCursor after = search.after.value_or(SearchCursor{});
  // One more than asked for tells whether there is another page.
  const pqxx::result rows =
      Run(tx, kPageColumns, kPage, MatchingOf(tx, query, search, search.filter), !search.after.has_value(),
          after.score, after.id.ToString(), search.limit + 1);
  std::vector<ProductKey> keys;
  SearchResult result;
  for (const auto& row : rows) {
    if (static_cast<int>(keys.size()) == search.limit) {
      result.next = SearchCursor{query, rows[search.limit - 1]["score"].as<int64_t>(), *keys.back().id};
      break;
    }
    keys.push_back({Uuid::Parse(row["id"].c_str()), ""});
  }
  ReadOptions read;
  read.channel = search.channel;
  result.products = LoadProducts(tx, keys, read);
  return result;
}

}  // namespace

absl::StatusOr<SearchResult> SearchStore::Find(const Call& call, const Search& search) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<SearchResult> {
    const absl::optional<std::string> query =
        search.after.has_value() ? search.after->query : ResolveQuery(tx, search.words);
    SearchResult result;
    if (query.has_value()) result = FindPage(tx, *query, search);
    for (const std::string& facet : search.facets) {
      result.facets.push_back(query.has_value() ? CountFacet(tx, facet, *query, search) : Facet{facet, {}});
    }
    return result;
  });
}

}  // namespace arasta::catalog
