// The cursor under ListStock's page token is the last SKU.
#include "services/catalog/catalog_admin_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/request_fingerprint.h"
#include "common/base/status_macros.h"
#include "services/catalog/importer.h"
#include "services/catalog/names.h"
#include "services/catalog/paging.h"
#include "services/catalog/product_proto.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

absl::Status Check(const Product& product, const shop::Channels& channels) {
  absl::optional<Violation> violation = FindViolation(product, channels);
  if (!violation.has_value()) return absl::OkStatus();
  return InvalidField(absl::StrCat("product.", violation->field), violation->message, violation->reason);
}

absl::Status Check(const Category& category) {
  if (!Clean(category.title, 100).empty() && IsPrintable(category.title)) return absl::OkStatus();
  return InvalidField("category.title", "must not be empty or contain control characters", "INVALID");
}

absl::StatusOr<Uuid> ParseRequestId(const std::string& text) {
  if (absl::optional<Uuid> id = Uuid::Parse(text)) return *id;
  return InvalidField("request_id", "must be a UUID");
}

}  // namespace

absl::StatusOr<v1::Product> CatalogAdminService::CreateProduct(const Call& call,
                                                               const v1::CreateProductRequest& request) {
  absl::optional<Uuid> request_id;
  if (!request.request_id().empty()) {
    ASSIGN_OR_RETURN(request_id, ParseRequestId(request.request_id()));
  }
  Product product;
  product.id = Uuid::V7(absl::Now());
  RETURN_IF_ERROR(Apply(request.product(), {}, product));
  RETURN_IF_ERROR(Check(product, parts_.channels));
  ASSIGN_OR_RETURN(product, parts_.products.Create(call, std::move(product), request_id));
  parts_.on_event();
  return ToProto(product);
}

absl::StatusOr<v1::Product> CatalogAdminService::UpdateProduct(const Call& call,
                                                               const v1::UpdateProductRequest& request) {
  ASSIGN_OR_RETURN(ProductKey key, ParseProductName(request.product().name(), "product.name"));
  auto edit = [&](Product& product) -> absl::Status {
    RETURN_IF_ERROR(CheckEtag(request.product().etag(), product.version));
    RETURN_IF_ERROR(Apply(request.product(), request.update_mask(), product));
    return Check(product, parts_.channels);
  };
  ASSIGN_OR_RETURN(Product product, parts_.products.Update(call, key, edit));
  parts_.on_event();
  return ToProto(product);
}

absl::StatusOr<google::protobuf::Empty> CatalogAdminService::DeleteProduct(
    const Call& call, const v1::DeleteProductRequest& request) {
  ASSIGN_OR_RETURN(ProductKey key, ParseProductName(request.name(), "name"));
  RETURN_IF_ERROR(parts_.products.Delete(call, key, request.etag()));
  parts_.on_event();
  return google::protobuf::Empty();
}

absl::StatusOr<v1::Category> CatalogAdminService::CreateCategory(const Call& call,
                                                                 const v1::CreateCategoryRequest& request) {
  Category category;
  RETURN_IF_ERROR(Apply(request.category(), {}, category));
  RETURN_IF_ERROR(Check(category));
  category.id = request.category_id().empty() ? Slugify(category.title) : request.category_id();
  if (!IsSlug(category.id)) {
    return InvalidField("category_id", "must be lower-case letters, digits and single dashes");
  }
  ASSIGN_OR_RETURN(category, parts_.categories.Create(call, category));
  return ToProto(category);
}

absl::StatusOr<v1::Category> CatalogAdminService::UpdateCategory(const Call& call,
                                                                 const v1::UpdateCategoryRequest& request) {
  ASSIGN_OR_RETURN(std::string id, ParseCategoryName(request.category().name(), "category.name"));
  auto edit = [&](Category& category) -> absl::Status {
    RETURN_IF_ERROR(CheckEtag(request.category().etag(), category.version));
    RETURN_IF_ERROR(Apply(request.category(), request.update_mask(), category));
    return Check(category);
  };
  ASSIGN_OR_RETURN(Category category, parts_.categories.Update(call, id, edit));
  return ToProto(category);
}

absl::StatusOr<v1::ImportProductsResponse> CatalogAdminService::ImportProducts(
    const Call& call, rpc::Reader<v1::ImportProductsRequest>& requests) {
  v1::ImportProductsRequest request;
  bool more = requests.Read(&request);
  Importer importer(parts_.imports, parts_.channels, call, request.config());
  for (; more; more = requests.Read(&request)) {
    for (const v1::ImportRow& row : request.rows()) RETURN_IF_ERROR(importer.Add(row));
  }
  ASSIGN_OR_RETURN(v1::ImportProductsResponse report, importer.Finish());
  parts_.on_event();
  return report;
}

absl::StatusOr<v1::Stock> CatalogAdminService::AdjustStock(const Call& call,
                                                           const v1::AdjustStockRequest& request) {
  Adjustment adjustment;
  ASSIGN_OR_RETURN(adjustment.sku, ParseStockName(request.name(), "name"));
  ASSIGN_OR_RETURN(adjustment.request_id, ParseRequestId(request.request_id()));
  switch (request.change_case()) {
    case v1::AdjustStockRequest::kDelta:
      adjustment.delta = request.delta();
      break;
    case v1::AdjustStockRequest::kOnHand:
      adjustment.on_hand = request.on_hand();
      break;
    case v1::AdjustStockRequest::CHANGE_NOT_SET:
      return InvalidField("change", "must be a delta or a count", "REQUIRED");
  }
  adjustment.note = Clean(request.note(), 200);
  adjustment.fingerprint = FingerprintOf(request, adjustment.request_id);
  ASSIGN_OR_RETURN(Stock stock, parts_.stock.Adjust(call, adjustment));
  return ToProto(stock);
}

absl::StatusOr<v1::ListStockResponse> CatalogAdminService::ListStock(const Call& call,
                                                                     const v1::ListStockRequest& request) {
  const std::string fingerprint = rpc::FingerprintOf(request);
  ASSIGN_OR_RETURN(std::string after, parts_.page_tokens.Decode(request.page_token(), fingerprint));
  const size_t size = static_cast<size_t>(PageSize(request.page_size(), 100, 1000));
  const std::vector<std::string> skus(request.skus().begin(), request.skus().end());
  ASSIGN_OR_RETURN(std::vector<Stock> stock,
                   parts_.stock.List(call, skus, after, static_cast<int>(size) + 1));
  v1::ListStockResponse response;
  for (size_t i = 0; i < stock.size() && i < size; ++i) *response.add_stock() = ToProto(stock[i]);
  if (stock.size() > size) {
    response.set_next_page_token(parts_.page_tokens.Encode(stock[size - 1].sku, fingerprint));
  }
  return response;
}

}  // namespace arasta::catalog
