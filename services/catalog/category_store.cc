#include "services/catalog/category_store.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"
#include "services/catalog/category_rows.h"
#include "services/catalog/names.h"

namespace arasta::catalog {
namespace {

constexpr char kFind[] = R"sql(
  SELECT id, title, parent, position, version, create_time, update_time FROM category WHERE id = $1
)sql";

Category CategoryOf(const pqxx::row& row) {
  return {row["id"].c_str(),
          row["title"].c_str(),
          row["parent"].c_str(),
          row["position"].as<int32_t>(),
          row["version"].as<int64_t>(),
          pg::FromTimestamp(row["create_time"]),
          pg::FromTimestamp(row["update_time"])};
}

absl::StatusOr<Category> Load(pqxx::work& tx, const std::string& id) {
  pqxx::result rows = tx.exec_params(kFind, id);
  if (rows.empty()) return NotFound(CategoryName(id));
  return CategoryOf(rows[0]);
}

}  // namespace

absl::StatusOr<Category> CategoryStore::Find(const Call& call, const std::string& id) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) { return Load(tx, id); });
}

namespace {

// $1: all parents; $2: the parent, '' for the root; $3: from the start, else after ($4, $5, $6).
constexpr char kList[] = R"sql(
  SELECT id, title, parent, position, version, create_time, update_time FROM category
  WHERE ($1::boolean OR coalesce(parent, '') = $2)
    AND ($3::boolean OR (position, title, id) > ($4::integer, $5::text, $6::text))
  ORDER BY position, title, id LIMIT $7
)sql";

}  // namespace

absl::StatusOr<std::vector<Category>> CategoryStore::List(const Call& call,
                                                          const absl::optional<std::string>& parent_id,
                                                          const absl::optional<CategoryCursor>& after,
                                                          int limit) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<Category>> {
    const CategoryCursor start = after.value_or(CategoryCursor{});
    std::vector<Category> categories;
    for (const auto& row : tx.exec_params(kList, !parent_id.has_value(), parent_id.value_or(""),
                                          !after.has_value(), start.position, start.title, start.id, limit)) {
      categories.push_back(CategoryOf(row));
    }
    return categories;
  });
}

namespace {

// Whoever changes the tree's shape does so alone: two moves, each fine by itself, can make a circle.
constexpr char kLockTree[] = "SELECT pg_advisory_xact_lock(hashtext('arasta_catalog.category'))";

constexpr char kInsert[] = R"sql(
  INSERT INTO category (id, title, parent, position) VALUES ($1, $2, nullif($3, ''), $4)
  ON CONFLICT DO NOTHING RETURNING 1
)sql";

constexpr char kUpdate[] = R"sql(
  UPDATE category SET title = $2, parent = nullif($3, ''), position = $4, version = version + 1,
                      update_time = now()
  WHERE id = $1
)sql";

}  // namespace

absl::StatusOr<Category> CategoryStore::Create(const Call& call, const Category& category) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Category> {
    tx.exec(kLockTree);
    if (!category.parent_id.empty()) RETURN_IF_ERROR(Load(tx, category.parent_id).status());
    if (tx.exec_params(kInsert, category.id, category.title, category.parent_id, category.position).empty()) {
      return Error(absl::StatusCode::kAlreadyExists, "CATEGORY_EXISTS",
                   absl::StrCat("there is a category ", category.id, " already"));
    }
    return Load(tx, category.id);
  });
}

absl::StatusOr<Category> CategoryStore::Update(const Call& call, const std::string& id,
                                               absl::FunctionRef<absl::Status(Category&)> edit) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Category> {
    tx.exec(kLockTree);
    ASSIGN_OR_RETURN(Category category, Load(tx, id));
    RETURN_IF_ERROR(edit(category));
    if (!category.parent_id.empty()) {
      RETURN_IF_ERROR(Load(tx, category.parent_id).status());
      const std::vector<std::string> below = SubtreeOf(tx, {id});
      if (std::find(below.begin(), below.end(), category.parent_id) != below.end()) {
        return Error(absl::StatusCode::kFailedPrecondition, "CATEGORY_CYCLE",
                     "a category can't be moved below itself");
      }
    }
    tx.exec_params(kUpdate, id, category.title, category.parent_id, category.position);
    return Load(tx, id);
  });
}

}  // namespace arasta::catalog
