#include "services/catalog/category_rows.h"

#include <pqxx/pqxx>

#include "services/catalog/stock_rows.h"

namespace arasta::catalog {
namespace {

constexpr char kSubtree[] = R"sql(
  WITH RECURSIVE tree AS (
    SELECT id FROM category WHERE id = ANY ($1::text[])
    UNION
    SELECT c.id FROM category c JOIN tree t ON c.parent = t.id
  )
  SELECT id FROM tree
)sql";

constexpr char kEnsure[] = R"sql(
  INSERT INTO category (id, title, parent) VALUES ($1, $2, nullif($3, '')) ON CONFLICT DO NOTHING
)sql";

}  // namespace

std::vector<std::string> SubtreeOf(pqxx::work& tx, const std::vector<std::string>& ids) {
  tx.conn().prepare("subtree", kSubtree);
  std::vector<std::string> subtree;
  for (const auto& row : tx.exec_prepared("subtree", TextArray(ids))) subtree.emplace_back(row[0].c_str());
  return subtree;
}

void EnsureCategory(pqxx::work& tx, const Category& category) {
  tx.exec_params(kEnsure, category.id, category.title, category.parent_id);
}

}  // namespace arasta::catalog
