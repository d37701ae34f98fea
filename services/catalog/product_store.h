// Products on PostgreSQL.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/base/uuid.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/catalog/names.h"
#include "services/catalog/product.h"

namespace arasta::catalog {

// A variant with what an order needs to know of its product.
struct SellableVariant {
  Variant variant;
  Uuid product_id;
  std::string product_title;
  std::string image_uri;
};

// Thread-safe.
class ProductStore {
 public:
  explicit ProductStore(pg::Pool& pool) : pool_(pool) {}

  // In the order of `keys`. Deleted products and drafts are found too. NOT_FOUND naming the first that
  // is missing.
  absl::StatusOr<std::vector<Product>> Find(const Call& call, const std::vector<ProductKey>& keys,
                                            const std::string& channel);

  // At most `limit` active products after `after` by id, in `category_id` and below unless that is empty.
  absl::StatusOr<std::vector<Product>> List(const Call& call, const std::string& category_id,
                                            const absl::optional<Uuid>& after, int limit,
                                            const std::string& channel);

  // Active products only; unknown SKUs are left out.
  absl::StatusOr<std::vector<SellableVariant>> FindVariants(const Call& call,
                                                            const std::vector<std::string>& skus,
                                                            const std::string& channel);

  // Makes a slug where there is none. A repeated `request_id` returns the product it made before.
  // ALREADY_EXISTS: SKU_TAKEN, SLUG_TAKEN. NOT_FOUND: the category.
  absl::StatusOr<Product> Create(const Call& call, Product product, const absl::optional<Uuid>& request_id);

  // Locks the product, lets `edit` change it or refuse, and writes it with its variants. What is returned
  // has its price lists. NOT_FOUND: product or category. ALREADY_EXISTS: SKU_TAKEN, SLUG_TAKEN.
  // FAILED_PRECONDITION: it is deleted.
  absl::StatusOr<Product> Update(const Call& call, const ProductKey& key,
                                 absl::FunctionRef<absl::Status(Product&)> edit);

  // Soft-deletes; a deleted product stays so. NOT_FOUND, ABORTED as UpdateProduct.
  absl::Status Delete(const Call& call, const ProductKey& key, const std::string& etag);

 private:
  pg::Pool& pool_;
};

}  // namespace arasta::catalog
