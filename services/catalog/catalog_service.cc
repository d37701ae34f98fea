// Cursors under the page tokens:
//   ListProducts    the id of the last product
//   SearchProducts  <score> ',' <id of the last product> ',' <query as resolved>
//   ListCategories  <position> ',' <id of the last category> ',' <its title>
#include "services/catalog/catalog_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/catalog/names.h"
#include "services/catalog/paging.h"
#include "services/catalog/product_proto.h"
#include "services/catalog/text.h"

namespace arasta::catalog {
namespace {

constexpr size_t kQueryLength = 200;

std::string ChannelOf(const std::string& asked) {
  return asked.empty() ? shop::kDefaultChannel : asked;
}

absl::Status MustBeEmpty(const std::string& value, absl::string_view field) {
  return value.empty() ? absl::OkStatus() : InvalidField(field, "is not supported yet", "UNSUPPORTED");
}

// The three parts of a cursor; the last may contain commas. The token was ours, so it has them.
std::vector<std::string> PartsOf(const std::string& cursor) {
  return absl::StrSplit(cursor, absl::MaxSplits(',', 2));
}

SearchCursor ParseSearchCursor(const std::string& cursor) {
  const std::vector<std::string> parts = PartsOf(cursor);
  SearchCursor after;
  (void)absl::SimpleAtoi(parts[0], &after.score);
  after.id = Uuid::Parse(parts[1]).value_or(Uuid());
  after.query = parts[2];
  return after;
}

CategoryCursor ParseCategoryCursor(const std::string& cursor) {
  const std::vector<std::string> parts = PartsOf(cursor);
  CategoryCursor after;
  (void)absl::SimpleAtoi(parts[0], &after.position);
  after.id = parts[1];
  after.title = parts[2];
  return after;
}

}  // namespace

absl::StatusOr<v1::Product> CatalogService::GetProduct(const Call& call,
                                                       const v1::GetProductRequest& request) {
  ASSIGN_OR_RETURN(ProductKey key, ParseProductName(request.name(), "name"));
  ASSIGN_OR_RETURN(std::vector<Product> products, products_.Find(call, {key}, ChannelOf(request.channel())));
  const Product& product = products.front();
  if (product.state == ProductState::kDraft) return NotFound(request.name());
  // What was committed is read, so this is a version of a database that has since been restored, or of none.
  if (product.version < request.min_version()) {
    return Error(absl::StatusCode::kAborted, "VERSION_NOT_REACHED",
                 absl::StrCat("the product is at version ", product.version, " as yet"));
  }
  return ToProto(product);
}

absl::StatusOr<v1::BatchGetProductsResponse> CatalogService::BatchGetProducts(
    const Call& call, const v1::BatchGetProductsRequest& request) {
  std::vector<ProductKey> keys;
  for (int i = 0; i < request.names_size(); ++i) {
    ASSIGN_OR_RETURN(ProductKey key, ParseProductName(request.names(i), absl::StrCat("names[", i, "]")));
    keys.push_back(std::move(key));
  }
  ASSIGN_OR_RETURN(std::vector<Product> products, products_.Find(call, keys, ChannelOf(request.channel())));
  v1::BatchGetProductsResponse response;
  for (size_t i = 0; i < products.size(); ++i) {
    if (products[i].state == ProductState::kDraft) return NotFound(request.names(static_cast<int>(i)));
    *response.add_products() = ToProto(products[i]);
  }
  return response;
}

absl::StatusOr<v1::ListProductsResponse> CatalogService::ListProducts(
    const Call& call, const v1::ListProductsRequest& request) {
  RETURN_IF_ERROR(MustBeEmpty(request.filter(), "filter"));
  RETURN_IF_ERROR(MustBeEmpty(request.order_by(), "order_by"));
  ASSIGN_OR_RETURN(std::string category, ParseCategoryName(request.category(), "category"));
  const std::string fingerprint = rpc::FingerprintOf(request);
  ASSIGN_OR_RETURN(std::string cursor, page_tokens_.Decode(request.page_token(), fingerprint));
  const size_t size = static_cast<size_t>(PageSize(request.page_size(), 20, 100));
  ASSIGN_OR_RETURN(std::vector<Product> products,
                   products_.List(call, category, Uuid::Parse(cursor), static_cast<int>(size) + 1,
                                  ChannelOf(request.channel())));
  v1::ListProductsResponse response;
  for (size_t i = 0; i < products.size() && i < size; ++i) *response.add_products() = ToProto(products[i]);
  if (products.size() > size) {
    response.set_next_page_token(page_tokens_.Encode(products[size - 1].id.ToString(), fingerprint));
  }
  return response;
}

absl::StatusOr<v1::SearchProductsResponse> CatalogService::SearchProducts(
    const Call& call, const v1::SearchProductsRequest& request) {
  RETURN_IF_ERROR(MustBeEmpty(request.order_by(), "order_by"));
  Search search;
  search.words = Clean(request.query(), kQueryLength);
  for (int i = 0; i < request.categories_size(); ++i) {
    ASSIGN_OR_RETURN(std::string category,
                     ParseCategoryName(request.categories(i), absl::StrCat("categories[", i, "]")));
    if (!category.empty()) search.filter.category_ids.push_back(std::move(category));
  }
  if (request.has_min_price()) search.filter.min_price = request.min_price();
  if (request.has_max_price()) search.filter.max_price = request.max_price();
  search.filter.available_only = request.available_only();
  for (const v1::AttributeFilter& filter : request.attributes()) {
    search.filter.attributes.push_back({filter.key(), {filter.values().begin(), filter.values().end()}});
  }
  search.channel = ChannelOf(request.channel());
  search.facets.assign(request.facets().begin(), request.facets().end());
  search.limit = PageSize(request.page_size(), 20, 100);
  const std::string fingerprint = rpc::FingerprintOf(request);
  ASSIGN_OR_RETURN(std::string cursor, page_tokens_.Decode(request.page_token(), fingerprint));
  if (!cursor.empty()) search.after = ParseSearchCursor(cursor);

  ASSIGN_OR_RETURN(SearchResult result, search_.Find(call, search));
  v1::SearchProductsResponse response;
  for (const Product& product : result.products) *response.add_products() = ToProto(product);
  if (result.next.has_value()) {
    response.set_next_page_token(page_tokens_.Encode(
        absl::StrCat(result.next->score, ",", result.next->id.ToString(), ",", result.next->query),
        fingerprint));
  }
  for (const Facet& facet : result.facets) {
    v1::Facet& to = *response.add_facets();
    to.set_facet(facet.facet);
    for (const FacetCount& count : facet.counts) {
      v1::FacetCount& to_count = *to.add_counts();
      to_count.set_value(facet.facet == "category" ? CategoryName(count.value) : count.value);
      to_count.set_title(count.title);
      to_count.set_count(count.count);
    }
  }
  return response;
}

absl::StatusOr<v1::Category> CatalogService::GetCategory(const Call& call,
                                                         const v1::GetCategoryRequest& request) {
  ASSIGN_OR_RETURN(std::string id, ParseCategoryName(request.name(), "name"));
  ASSIGN_OR_RETURN(Category category, categories_.Find(call, id));
  return ToProto(category);
}

absl::StatusOr<v1::ListCategoriesResponse> CatalogService::ListCategories(
    const Call& call, const v1::ListCategoriesRequest& request) {
  absl::optional<std::string> parent;
  if (request.parent() == "-") {
    parent = "";
  } else if (!request.parent().empty()) {
    ASSIGN_OR_RETURN(parent, ParseCategoryName(request.parent(), "parent"));
  }
  const std::string fingerprint = rpc::FingerprintOf(request);
  ASSIGN_OR_RETURN(std::string cursor, page_tokens_.Decode(request.page_token(), fingerprint));
  absl::optional<CategoryCursor> after;
  if (!cursor.empty()) after = ParseCategoryCursor(cursor);
  const size_t size = static_cast<size_t>(PageSize(request.page_size(), 100, 500));
  ASSIGN_OR_RETURN(std::vector<Category> categories,
                   categories_.List(call, parent, after, static_cast<int>(size) + 1));
  v1::ListCategoriesResponse response;
  for (size_t i = 0; i < categories.size() && i < size; ++i)
    *response.add_categories() = ToProto(categories[i]);
  if (categories.size() > size) {
    const Category& last = categories[size - 1];
    response.set_next_page_token(
        page_tokens_.Encode(absl::StrCat(last.position, ",", last.id, ",", last.title), fingerprint));
  }
  return response;
}

}  // namespace arasta::catalog
