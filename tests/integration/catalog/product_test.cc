// Products and categories through the services, on a real PostgreSQL.
#include <atomic>
#include <set>
#include <thread>

#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/support/matchers.h"

namespace arasta::catalog {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Property;
using ::testing::SizeIs;

class ProductTest : public CatalogFixture {
 protected:
  absl::StatusOr<v1::Product> Update(const std::string& text) {
    return admin_.UpdateProduct(staff_, Parse<v1::UpdateProductRequest>(text));
  }
  absl::StatusOr<v1::Category> CreateCategory(const std::string& id, const std::string& parent = "") {
    return admin_.CreateCategory(
        staff_, Parse<v1::CreateCategoryRequest>(absl::StrCat("category_id: '", id, "' category { title: '",
                                                              id, "' parent: '", parent, "' }")));
  }
  absl::StatusOr<v1::Category> Move(const std::string& id, const std::string& parent) {
    return admin_.UpdateCategory(staff_, Parse<v1::UpdateCategoryRequest>(
                                             absl::StrCat("category { name: 'categories/", id, "' parent: '",
                                                          parent, "' } update_mask { paths: 'parent' }")));
  }
  // All titles of a list, page by page of two; `between` runs after each page.
  template <typename Between>
  std::vector<std::string> ListTitles(const std::string& category, Between between) {
    std::vector<std::string> titles;
    v1::ListProductsRequest request;
    request.set_page_size(2);
    request.set_category(category);
    do {
      auto page = catalog_.ListProducts(nobody_, request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      for (const v1::Product& product : page->products()) titles.push_back(product.title());
      request.set_page_token(page->next_page_token());
      between();
    } while (!request.page_token().empty());
    return titles;
  }
};

TEST_F(ProductTest, ReadsWhatWasCreatedByIdAndBySlug) {
  auto created =
      Create("Rize Çayı", "TEA-1", "attributes { key: 'Origin' value: 'Rize' } description: 'Black.'");
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->slug(), "rize-cayi");
  EXPECT_EQ(created->version(), 1);
  auto read = Get(created->name());
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->attributes(0).value(), "Rize");
  EXPECT_EQ(read->variants(0).price().minor_units(), 500);
  EXPECT_EQ(read->variants(0).available(), 0);
  EXPECT_THAT(read->variants(0).prices(), IsEmpty()) << "future prices are nobody's business";
  EXPECT_THAT(Get("products/rize-cayi"), IsOkAndHolds(Property(&v1::Product::name, created->name())));
  EXPECT_THAT(Get("products/nothing"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Get("product/1"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ProductTest, CreatesOnceForOneRequestId) {
  auto request = Parse<v1::CreateProductRequest>(
      "request_id: '6f3a2c58-8e0d-4d3b-9a55-0f8f2f6c1a11' product { title: 'Tea' variants { sku: 'TEA' } }");
  auto first = admin_.CreateProduct(staff_, request);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(admin_.CreateProduct(staff_, request),
              IsOkAndHolds(Property(&v1::Product::name, first->name())));
  EXPECT_EQ(Count("product"), 1);
}

TEST_F(ProductTest, WakesTheRelayAfterEveryChange) {
  auto created = Create("Tea", "TEA");
  EXPECT_EQ(wakes_, 1);
  ASSERT_THAT(Update(absl::StrCat("product { name: '", created->name(), "' title: 'Green tea' }")), IsOk());
  EXPECT_EQ(wakes_, 2);
  v1::DeleteProductRequest request;
  request.set_name(created->name());
  ASSERT_THAT(admin_.DeleteProduct(staff_, request), IsOk());
  EXPECT_EQ(wakes_, 3);
  ASSERT_THAT(Import({Row("Cup", "CUP")}), IsOk());
  EXPECT_EQ(wakes_, 4);
}

TEST_F(ProductTest, GivesOneOfManyWhoWantTheSameSkuOrSlug) {
  std::atomic<int> created{0};
  std::atomic<int> taken{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        // Half fight for a SKU, half for a slug.
        auto product = i % 2 == 0 ? Create(absl::StrCat("Tea ", i), "TEA")
                                  : Create("Cup", absl::StrCat("CUP-", i), "slug: 'cup'");
        (product.ok() ? created : taken)++;
        EXPECT_TRUE(product.ok() || absl::IsAlreadyExists(product.status())) << product.status();
      });
    }
  }
  EXPECT_EQ(created, 2);
  EXPECT_EQ(taken, 6);
}

TEST_F(ProductTest, FindsAnotherSlugWhereTheTitleRepeats) {
  auto first = Create("Tea", "TEA-1");
  auto second = Create("Tea", "TEA-2");
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(first->slug(), second->slug());
}

TEST_F(ProductTest, UpdatesWhatTheMaskNames) {
  auto created = Create("Tea", "TEA", "description: 'Old.'");
  auto updated =
      Update(absl::StrCat("product { name: '", created->name(),
                          "' title: 'Green tea' description: 'New.' } update_mask { paths: 'title' }"));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->title(), "Green tea");
  EXPECT_EQ(updated->description(), "Old.");
  EXPECT_EQ(updated->slug(), "tea");
  EXPECT_EQ(updated->version(), 2);
  EXPECT_EQ(updated->variants_size(), 1);
  EXPECT_THAT(
      Update(absl::StrCat("product { name: '", created->name(), "' } update_mask { paths: 'colour' }")),
      StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("colour")));
}

TEST_F(ProductTest, AnswersWithTheVersionAskedForOrALaterOne) {
  auto created = Create("Tea", "TEA");
  v1::GetProductRequest request;
  request.set_name(created->name());
  request.set_min_version(1);
  EXPECT_THAT(catalog_.GetProduct(nobody_, request), IsOk());
  request.set_min_version(2);
  EXPECT_THAT(catalog_.GetProduct(nobody_, request),
              AllOf(StatusIs(absl::StatusCode::kAborted), HasReason("VERSION_NOT_REACHED")));
  ASSERT_THAT(Update(absl::StrCat("product { name: '", created->name(), "' title: 'Green tea' }")), IsOk());
  EXPECT_THAT(catalog_.GetProduct(nobody_, request), IsOk());
}

TEST_F(ProductTest, RefusesAnUpdateOfWhatHasChangedSince) {
  auto created = Create("Tea", "TEA");
  ASSERT_THAT(Update(absl::StrCat("product { name: '", created->name(), "' title: 'A' etag: 'v1' }")),
              IsOk());
  EXPECT_THAT(Update(absl::StrCat("product { name: '", created->name(), "' title: 'B' etag: 'v1' }")),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(Get(created->name())->title(), "A");
}

TEST_F(ProductTest, ReplacesVariantsAsAWholeAndKeepsTheirStock) {
  auto created = Create("Tea", "TEA-1");
  database_.Query("UPDATE stock SET on_hand = 7");
  auto updated = Update(absl::StrCat("product { name: '", created->name(),
                                     "' variants { sku: 'TEA-2' } variants { sku: 'TEA-1' } }"));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->variants(1).available(), 7);
  ASSERT_THAT(Update(absl::StrCat("product { name: '", created->name(), "' variants { sku: 'TEA-2' } }")),
              IsOk());
  EXPECT_EQ(Get(created->name())->variants_size(), 1);
}

TEST_F(ProductTest, NamesTheFieldThatBreaksARule) {
  auto broken = Create("Tea", "TEA", "variants { sku: 'a b' }");
  EXPECT_THAT(broken, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(broken.status().ToString(), ::testing::HasSubstr("product.variants[1].sku"));
}

TEST_F(ProductTest, ShowsMediaOfWebServersOnly) {
  EXPECT_THAT(Create("Tea", "TEA-1", "media { uri: 'https://cdn.example/tea.webp' }"), IsOk());
  auto script = Create("Tea", "TEA-2", "media { uri: 'javascript:alert(1)' }");
  EXPECT_THAT(script, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(script.status().ToString(), ::testing::HasSubstr("product.media[0].uri"));
}

TEST_F(ProductTest, KeepsADeletedProductReadableButNeitherListedNorSold) {
  auto created = Create("Tea", "TEA");
  v1::DeleteProductRequest request;
  request.set_name(created->name());
  request.set_etag("v9");
  EXPECT_THAT(admin_.DeleteProduct(staff_, request), StatusIs(absl::StatusCode::kAborted));
  request.clear_etag();
  EXPECT_THAT(admin_.DeleteProduct(staff_, request), IsOk());
  EXPECT_THAT(admin_.DeleteProduct(staff_, request), IsOk());
  EXPECT_THAT(Get(created->name()), IsOkAndHolds(Property(&v1::Product::state, v1::Product::STATE_DELETED)));
  EXPECT_THAT(ListTitles("", [] {}), IsEmpty());
  EXPECT_THAT(Titles("query: 'tea'"), IsEmpty());
  auto variants = inventory_.BatchGetVariants(nobody_, Parse<v1::BatchGetVariantsRequest>("skus: 'TEA'"));
  EXPECT_THAT(variants->missing_skus(), ElementsAre("TEA"));
  EXPECT_EQ(Count("outbox"), 2) << "created and deleted";
}

TEST_F(ProductTest, HidesDrafts) {
  auto created = Create("Tea", "TEA", "state: STATE_DRAFT");
  EXPECT_THAT(Get(created->name()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ListTitles("", [] {}), IsEmpty());
}

TEST_F(ProductTest, PagesWithoutRepeatOrGapWhileOthersComeAndGo) {
  std::vector<std::string> untouched;
  std::vector<std::string> doomed;
  for (int i = 0; i < 9; ++i) {
    auto created = Create(absl::StrCat("Tea ", i), absl::StrCat("TEA-", i));
    if (i % 4 == 3) {
      doomed.push_back(created->name());
    } else {
      untouched.push_back(created->title());
    }
  }
  int round = 0;
  std::vector<std::string> seen = ListTitles("", [&] {
    ++round;
    (void)Create(absl::StrCat("Late ", round), absl::StrCat("LATE-", round),
                 absl::StrCat("slug: 'late-", round, "'"));
    if (!doomed.empty()) {
      v1::DeleteProductRequest request;
      request.set_name(doomed.back());
      ASSERT_THAT(admin_.DeleteProduct(staff_, request), IsOk());
      doomed.pop_back();
    }
    ASSERT_LT(round, 50);
  });
  EXPECT_THAT(std::set<std::string>(seen.begin(), seen.end()), SizeIs(seen.size())) << "repeated";
  for (const std::string& title : untouched) EXPECT_THAT(seen, ::testing::Contains(title));
}

TEST_F(ProductTest, RefusesAForeignPageToken) {
  for (int i = 0; i < 3; ++i) ASSERT_THAT(Create(absl::StrCat("Tea ", i), absl::StrCat("TEA-", i)), IsOk());
  auto page = catalog_.ListProducts(nobody_, Parse<v1::ListProductsRequest>("page_size: 2"));
  v1::SearchProductsRequest foreign;
  foreign.set_page_token(page->next_page_token());
  EXPECT_THAT(catalog_.SearchProducts(nobody_, foreign), StatusIs(absl::StatusCode::kInvalidArgument));
  v1::ListProductsRequest tampered;
  tampered.set_page_token("x" + page->next_page_token());
  EXPECT_THAT(catalog_.ListProducts(nobody_, tampered), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ProductTest, ListsACategoryWithAllBelowIt) {
  ASSERT_THAT(CreateCategory("drinks"), IsOk());
  ASSERT_THAT(CreateCategory("tea", "categories/drinks"), IsOk());
  ASSERT_THAT(Create("Green", "G", "category: 'categories/tea'"), IsOk());
  ASSERT_THAT(Create("Cup", "C"), IsOk());
  EXPECT_THAT(ListTitles("categories/drinks", [] {}), ElementsAre("Green"));
  EXPECT_THAT(Create("Odd", "O", "category: 'categories/none'"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ProductTest, RefusesACategoryBelowItself) {
  ASSERT_THAT(CreateCategory("a"), IsOk());
  ASSERT_THAT(CreateCategory("b", "categories/a"), IsOk());
  ASSERT_THAT(CreateCategory("c", "categories/b"), IsOk());
  EXPECT_THAT(Move("a", "categories/c"), HasReason("CATEGORY_CYCLE"));
  EXPECT_THAT(Move("a", "categories/a"), HasReason("CATEGORY_CYCLE"));
  EXPECT_THAT(Move("c", "categories/a"), IsOk());
  EXPECT_THAT(CreateCategory("a"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(CreateCategory("d", "categories/none"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ProductTest, NeverMakesACircleOfTwoMovesAtOnce) {
  for (int round = 0; round < 20; ++round) {
    const std::string a = absl::StrCat("a", round), b = absl::StrCat("b", round);
    ASSERT_THAT(CreateCategory(a), IsOk());
    ASSERT_THAT(CreateCategory(b), IsOk());
    std::atomic<int> moved{0};
    {
      std::jthread one([&] { moved += Move(a, "categories/" + b).ok() ? 1 : 0; });
      std::jthread two([&] { moved += Move(b, "categories/" + a).ok() ? 1 : 0; });
    }
    EXPECT_EQ(moved, 1);
  }
}

TEST_F(ProductTest, PagesCategoriesInOrderOfDisplay) {
  for (const char* id : {"c", "a", "b"}) ASSERT_THAT(CreateCategory(id), IsOk());
  v1::ListCategoriesRequest request;
  request.set_page_size(2);
  request.set_parent("-");
  auto first = catalog_.ListCategories(nobody_, request);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->categories(1).title(), "b");
  request.set_page_token(first->next_page_token());
  auto second = catalog_.ListCategories(nobody_, request);
  EXPECT_EQ(second->categories(0).title(), "c");
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(ProductTest, AnswersVariantsInTheOrderAsked) {
  ASSERT_THAT(Create("Tea", "TEA"), IsOk());
  ASSERT_THAT(Create("Cup", "CUP"), IsOk());
  auto response = inventory_.BatchGetVariants(
      nobody_, Parse<v1::BatchGetVariantsRequest>("skus: 'CUP' skus: 'MOON' skus: 'TEA' skus: 'CUP'"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->variants(0).sku(), "CUP");
  EXPECT_EQ(response->variants(1).product_title(), "Tea");
  EXPECT_EQ(response->variants(1).price().minor_units(), 500);
  EXPECT_THAT(response->missing_skus(), ElementsAre("MOON"));
}

}  // namespace
}  // namespace arasta::catalog
