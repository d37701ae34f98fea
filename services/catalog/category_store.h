// Categories on PostgreSQL.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/catalog/category.h"

namespace arasta::catalog {

// Where a list of categories goes on: after this one in the order of display.
struct CategoryCursor {
  int32_t position = 0;
  std::string title;
  std::string id;
};

// Thread-safe.
class CategoryStore {
 public:
  explicit CategoryStore(pg::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Category> Find(const Call& call, const std::string& id);

  // At most `limit` in order of display: all, or those directly below `parent_id`, where empty is the
  // root.
  absl::StatusOr<std::vector<Category>> List(const Call& call, const absl::optional<std::string>& parent_id,
                                             const absl::optional<CategoryCursor>& after, int limit);

  // ALREADY_EXISTS: the id is taken. NOT_FOUND: the parent.
  absl::StatusOr<Category> Create(const Call& call, const Category& category);

  // Locks the category, lets `edit` change or refuse, and writes it. FAILED_PRECONDITION with
  // CATEGORY_CYCLE: the new parent is the category itself or below it. NOT_FOUND: category or parent.
  absl::StatusOr<Category> Update(const Call& call, const std::string& id,
                                  absl::FunctionRef<absl::Status(Category&)> edit);

 private:
  pg::Pool& pool_;
};

}  // namespace arasta::catalog
