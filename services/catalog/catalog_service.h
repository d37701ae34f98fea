// The use cases of the shop's window: catalog_service.proto.
#pragma once

#include "absl/status/statusor.h"
#include "arasta/catalog/v1/catalog_service.pb.h"
#include "common/call/call.h"
#include "common/rpc/page_token.h"
#include "services/catalog/category_store.h"
#include "services/catalog/product_store.h"
#include "services/catalog/search_store.h"

namespace arasta::catalog {

// Thread-safe.
class CatalogService {
 public:
  CatalogService(ProductStore& products, CategoryStore& categories, SearchStore& search,
                 const rpc::PageTokens& page_tokens)
      : products_(products), categories_(categories), search_(search), page_tokens_(page_tokens) {}

  absl::StatusOr<v1::Product> GetProduct(const Call& call, const v1::GetProductRequest& request);
  absl::StatusOr<v1::BatchGetProductsResponse> BatchGetProducts(const Call& call,
                                                                const v1::BatchGetProductsRequest& request);
  absl::StatusOr<v1::ListProductsResponse> ListProducts(const Call& call,
                                                        const v1::ListProductsRequest& request);
  absl::StatusOr<v1::SearchProductsResponse> SearchProducts(const Call& call,
                                                            const v1::SearchProductsRequest& request);
  absl::StatusOr<v1::Category> GetCategory(const Call& call, const v1::GetCategoryRequest& request);
  absl::StatusOr<v1::ListCategoriesResponse> ListCategories(const Call& call,
                                                            const v1::ListCategoriesRequest& request);

 private:
  ProductStore& products_;
  CategoryStore& categories_;
  SearchStore& search_;
  const rpc::PageTokens& page_tokens_;
};

}  // namespace arasta::catalog
