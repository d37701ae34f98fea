// What a page of the shop reads of products, in one statement.
#include <pqxx/pqxx>

#include "common/pg/transaction.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/support/matchers.h"

namespace arasta::catalog {
namespace {

using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ProductLookupTest : public CatalogFixture {
 protected:
  absl::StatusOr<v1::BatchGetProductsResponse> BatchGet(const std::vector<std::string>& names) {
    v1::BatchGetProductsRequest request;
    for (const std::string& name : names) request.add_names(name);
    return catalog_.BatchGetProducts(nobody_, request);
  }
  // A product of so many variants, which the rows of the table hold in another order.
  absl::StatusOr<v1::Product> CreateWide(const std::string& title, int variants) {
    v1::CreateProductRequest request;
    request.mutable_product()->set_title(title);
    request.mutable_product()->set_description("Wide.");
    for (int i = 0; i < variants; ++i) {
      request.mutable_product()->add_variants()->set_sku(absl::StrCat(title, "-", (i * 37) % variants));
    }
    return admin_.CreateProduct(staff_, request);
  }
};

TEST_F(ProductLookupTest, AnswersProductsInTheOrderAskedByIdAndBySlug) {
  auto tea = CreateWide("Tea", 3);
  auto cup = CreateWide("Cup", 2);
  ASSERT_THAT(cup, IsOk());
  auto found = BatchGet({"products/cup", tea->name(), cup->name(), "products/tea", tea->name()});
  ASSERT_THAT(found, IsOk());
  std::vector<std::string> titles;
  for (const v1::Product& product : found->products()) {
    titles.push_back(product.title());
    EXPECT_EQ(product.variants_size(), product.variant_count());
    EXPECT_EQ(product.description(), "Wide.");
  }
  EXPECT_THAT(titles, ElementsAre("Cup", "Tea", "Cup", "Tea", "Tea"));
}

TEST_F(ProductLookupTest, NamesTheFirstThatIsMissing) {
  auto tea = Create("Tea", "TEA");
  auto found = BatchGet({tea->name(), "products/moon", "products/sun"});
  EXPECT_THAT(found, StatusIs(absl::StatusCode::kNotFound, HasSubstr("products/moon")));
}

TEST_F(ProductLookupTest, ShowsAHundredVariantsInTheirOrderAndCountsTheRest) {
  auto wide = CreateWide("Wide", 120);
  ASSERT_THAT(wide, IsOk());
  auto read = Get(wide->name());
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(read->variants(), SizeIs(100));
  EXPECT_EQ(read->variant_count(), 120);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(read->variants(i).sku(), absl::StrCat("Wide-", (i * 37) % 120));
}

TEST_F(ProductLookupTest, ShowsAProductThatHasLostItsVariants) {
  auto tea = Create("Tea", "TEA", "description: 'Black.' attributes { key: 'Origin' value: 'Rize' }");
  database_.Query("DELETE FROM variant");
  auto read = Get(tea->name());
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->description(), "Black.");
  EXPECT_EQ(read->attributes(0).value(), "Rize");
  EXPECT_THAT(read->variants(), IsEmpty());
  EXPECT_EQ(read->variant_count(), 0);
}

// The database plans a statement anew each time as long as that seems to pay; planning took three times as
// long as the look-up.
TEST_F(ProductLookupTest, IsPlannedOnceForAllKeys) {
  auto tea = Create("Tea", "TEA");
  auto cup = Create("Cup", "CUP");
  std::vector<v1::ImportRow> rows;
  for (int i = 0; i < 500; ++i) rows.push_back(Row("Pot", absl::StrCat("POT-", i)));
  ASSERT_THAT(Import(rows), IsOk()) << "what is small is read from end to end, whatever the key";
  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT(Get(i % 2 == 0 ? tea->name() : "products/cup"), IsOk());
    ASSERT_THAT(inventory_.BatchGetVariants(nobody_, Parse<v1::BatchGetVariantsRequest>("skus: 'CUP'")),
                IsOk());
  }
  // On the connection that all of these shared.
  auto custom_plans = [](pqxx::nontransaction& tx) -> absl::StatusOr<std::vector<int>> {
    std::vector<int> plans;
    for (const auto& row : tx.exec("SELECT custom_plans FROM pg_prepared_statements"
                                   " WHERE name IN ('load_products', 'find_variants')")) {
      plans.push_back(row[0].as<int>());
    }
    return plans;
  };
  EXPECT_THAT(pg::ReadAtOnce(database_.pool(), nobody_, custom_plans), IsOkAndHolds(ElementsAre(5, 5)));
}

}  // namespace
}  // namespace arasta::catalog
