// The use cases of the shop's back room: catalog_admin_service.proto.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "arasta/catalog/v1/catalog_admin_service.pb.h"
#include "common/call/call.h"
#include "common/rpc/page_token.h"
#include "common/rpc/stream.h"
#include "common/shop/channels.h"
#include "google/protobuf/empty.pb.h"
#include "services/catalog/category_store.h"
#include "services/catalog/import_store.h"
#include "services/catalog/product_store.h"
#include "services/catalog/stock_store.h"

namespace arasta::catalog {

// What the service works with; all that is referred to outlives it.
struct CatalogAdminServiceParts {
  ProductStore& products;
  CategoryStore& categories;
  StockStore& stock;
  ImportStore& imports;
  const rpc::PageTokens& page_tokens;
  shop::Channels channels;
  // Called after the commit of an event, which the relay would otherwise find at its next poll.
  std::function<void()> on_event;
};

// Thread-safe.
class CatalogAdminService {
 public:
  explicit CatalogAdminService(CatalogAdminServiceParts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::Product> CreateProduct(const Call& call, const v1::CreateProductRequest& request);
  absl::StatusOr<v1::Product> UpdateProduct(const Call& call, const v1::UpdateProductRequest& request);
  absl::StatusOr<google::protobuf::Empty> DeleteProduct(const Call& call,
                                                        const v1::DeleteProductRequest& request);
  absl::StatusOr<v1::Category> CreateCategory(const Call& call, const v1::CreateCategoryRequest& request);
  absl::StatusOr<v1::Category> UpdateCategory(const Call& call, const v1::UpdateCategoryRequest& request);
  absl::StatusOr<v1::ImportProductsResponse> ImportProducts(const Call& call,
                                                            rpc::Reader<v1::ImportProductsRequest>& requests);
  absl::StatusOr<v1::Stock> AdjustStock(const Call& call, const v1::AdjustStockRequest& request);
  absl::StatusOr<v1::ListStockResponse> ListStock(const Call& call, const v1::ListStockRequest& request);

 private:
  const CatalogAdminServiceParts parts_;
};

}  // namespace arasta::catalog
