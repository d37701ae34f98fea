// SearchProducts on a real PostgreSQL.
#include <set>

#include "common/rpc/validate.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/support/matchers.h"

namespace arasta::catalog {
namespace {

using ::arasta::testing::IsOk;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class SearchTest : public CatalogFixture {
 protected:
  void SetUp() override {
    std::vector<v1::ImportRow> rows;
    auto add = [&](const char* title, const char* sku, const char* shelf, int64_t price, int64_t on_hand,
                   const char* origin, const char* description) {
      v1::ImportRow row = Row(title, sku, on_hand);
      row.set_description(description);
      row.add_category_path("Shop");
      row.add_category_path(shelf);
      row.mutable_variants(0)->mutable_prices(0)->set_minor_units(price);
      (*row.mutable_attributes())["Origin"] = origin;
      rows.push_back(row);
    };
    add("Earl Grey tea", "TEA-EG", "Tea", 700, 5, "India", "Black leaves with bergamot.");
    add("Sencha", "TEA-SE", "Tea", 900, 0, "Japan", "Green tea of the first harvest.");
    add("Porcelain teapot", "POT-1", "Ceramics", 3900, 2, "Japan", "Holds a litre.");
    add("Walnut tray", "TRAY-1", "Wood", 2500, 9, "Turkey", "For tea and biscuits.");
    add("Photography for all", "BOOK-1", "Books", 1900, 3, "India", "A handbook.");
    ASSERT_THAT(Import(rows), IsOk());
  }
};

TEST_F(SearchTest, RanksTitlesAboveDescriptions) {
  EXPECT_THAT(Titles("query: 'tea'"), ElementsAre("Earl Grey tea", ::testing::_, ::testing::_));
  EXPECT_THAT(Titles("query: 'bergamot'"), ElementsAre("Earl Grey tea"));
}

TEST_F(SearchTest, FindsBySkuAndByAttribute) {
  EXPECT_THAT(Titles("query: 'POT-1'"), Contains("Porcelain teapot"));
  EXPECT_THAT(Titles("query: 'turkey'"), ElementsAre("Walnut tray"));
}

TEST_F(SearchTest, ForgivesATypingError) {
  EXPECT_THAT(Titles("query: 'teapto'"), ElementsAre("Porcelain teapot"));
  EXPECT_THAT(Titles("query: 'porcelian teapot'"), ElementsAre("Porcelain teapot"));
  EXPECT_THAT(Titles("query: 'photografy'"), ElementsAre("Photography for all"));
  EXPECT_THAT(Titles("query: 'wallnut'"), ElementsAre("Walnut tray"));
}

TEST_F(SearchTest, LearnsTheWordsOfLaterProductsToo) {
  ASSERT_THAT(Import({Row("Samovar of brass", "SAM-1")}), IsOk());
  EXPECT_THAT(Titles("query: 'smaovar'"), ElementsAre("Samovar of brass"));
}

TEST_F(SearchTest, TakesTheBeginningOfAWord) {
  EXPECT_THAT(Titles("query: 'photogr'"), ElementsAre("Photography for all"));
}

TEST_F(SearchTest, FindsSomeOfTheWordsWhereNothingHasAll) {
  EXPECT_THAT(Titles("query: 'walnut teapot'"), UnorderedElementsAre("Walnut tray", "Porcelain teapot"));
}

TEST_F(SearchTest, FiltersByCategoryPriceAvailabilityAndAttribute) {
  EXPECT_THAT(Titles("categories: 'categories/shop-tea'"), UnorderedElementsAre("Earl Grey tea", "Sencha"));
  EXPECT_EQ(Titles("categories: 'categories/shop'").size(), 5u);
  EXPECT_THAT(Titles("categories: 'categories/none'"), IsEmpty());
  EXPECT_THAT(Titles("query: 'tea' available_only: true"),
              UnorderedElementsAre("Earl Grey tea", "Walnut tray"));
  EXPECT_THAT(Titles("min_price: 800 max_price: 1900"),
              UnorderedElementsAre("Sencha", "Photography for all"));
  EXPECT_THAT(Titles("max_price: 100"), IsEmpty());
  EXPECT_THAT(Titles("attributes { key: 'Origin' values: 'Japan' values: 'Turkey' }"),
              UnorderedElementsAre("Sencha", "Porcelain teapot", "Walnut tray"));
  EXPECT_THAT(
      Titles("attributes { key: 'Origin' values: 'Japan' } attributes { key: 'Colour' values: 'red' }"),
      IsEmpty());
}

TEST_F(SearchTest, CountsFacetsWithoutTheirOwnFilter) {
  auto response = catalog_.SearchProducts(nobody_, Parse<v1::SearchProductsRequest>(R"pb(
                                            query: 'tea'
                                            facets: 'Origin'
                                            facets: 'category'
                                            attributes { key: 'Origin' values: 'Japan' })pb"));
  ASSERT_THAT(response, IsOk());
  std::map<std::string, int64_t> origins;
  for (const v1::FacetCount& count : response->facets(0).counts()) origins[count.value()] = count.count();
  EXPECT_THAT(origins,
              UnorderedElementsAre(std::pair("India", 1), std::pair("Japan", 1), std::pair("Turkey", 1)));
  ASSERT_EQ(response->facets(1).counts_size(), 1);
  EXPECT_EQ(response->facets(1).counts(0).value(), "categories/shop-tea");
  EXPECT_EQ(response->facets(1).counts(0).title(), "Tea");
}

TEST_F(SearchTest, SurvivesWhateverIsTyped) {
  const std::string hostile[] = {"' \" & | ! : * ( ) \\ %",
                                 "'; DROP TABLE product; --",
                                 "tea' OR '1'='1",
                                 "!!!",
                                 "!tea",
                                 "\"",
                                 "()",
                                 "a & | b",
                                 "<->",
                                 "tea:*",
                                 std::string("tea\0pot", 7),
                                 std::string(10000, 'x'),
                                 std::string(3000, '('),
                                 "🫖🫖🫖",
                                 "شاي أخضر",
                                 "ça va? дом",
                                 "%",
                                 "_",
                                 "\\",
                                 "\t\n",
                                 "the",
                                 "-",
                                 "--",
                                 "\"tea",
                                 "or or or",
                                 "{}",
                                 "$1",
                                 "%s%n"};
  for (const std::string& query : hostile) {
    v1::SearchProductsRequest request;
    request.set_query(query);
    EXPECT_THAT(catalog_.SearchProducts(nobody_, request), IsOk()) << query.substr(0, 50);
  }
  EXPECT_EQ(Count("product"), 5);
}

TEST_F(SearchTest, PagesEveryResultOnce) {
  std::vector<v1::ImportRow> rows;
  for (int i = 0; i < 25; ++i) rows.push_back(Row(absl::StrCat("Biscuit ", i), absl::StrCat("BIS-", i)));
  ASSERT_THAT(Import(rows), IsOk());
  std::vector<std::string> titles;
  v1::SearchProductsRequest request;
  request.set_query("biscuits");
  request.set_page_size(4);
  do {
    auto page = catalog_.SearchProducts(nobody_, request);
    ASSERT_THAT(page, IsOk());
    for (const v1::Product& product : page->products()) titles.push_back(product.title());
    request.set_page_token(page->next_page_token());
    ASSERT_LE(titles.size(), 30u);
  } while (!request.page_token().empty());
  EXPECT_EQ(titles.size(), 26u) << "25 biscuits, and the tray for biscuits";
  EXPECT_EQ(std::set<std::string>(titles.begin(), titles.end()).size(), 26u);
}

// Every word mistyped, each with several corrections: what the server hands out it must take back.
TEST_F(SearchTest, GivesPageTokensThatKeepTheirOwnBounds) {
  std::vector<v1::ImportRow> rows;
  std::string query;
  for (int i = 0; i < 6; ++i) {
    const std::string word =
        std::string("abcdefghijklmnopqrstuvwxy").substr(0, 24) + static_cast<char>('a' + i);
    std::string title;
    for (char last : {'p', 'q', 'r', 's', 't'}) absl::StrAppend(&title, word, std::string(1, last), " ");
    for (int copy = 0; copy < 3; ++copy) rows.push_back(Row(title, absl::StrCat("LONG-", i, "-", copy)));
    absl::StrAppend(&query, word, "z ");
  }
  ASSERT_THAT(Import(rows), IsOk());
  v1::SearchProductsRequest request;
  request.set_query(query);
  request.set_page_size(1);
  auto first = catalog_.SearchProducts(nobody_, request);
  ASSERT_THAT(first, IsOk());
  ASSERT_GT(first->next_page_token().size(), 1000u) << "long enough to prove something";
  request.set_page_token(first->next_page_token());
  EXPECT_THAT(rpc::Validate(request), IsOk());
  EXPECT_THAT(catalog_.SearchProducts(nobody_, request), IsOk());
}

TEST_F(SearchTest, ShowsAChangeAtOnce) {
  EXPECT_THAT(Titles("query: 'sencha' available_only: true"), IsEmpty());
  ASSERT_THAT(
      admin_.AdjustStock(
          staff_, Parse<v1::AdjustStockRequest>(
                      "name: 'stock/TEA-SE' delta: 3 request_id: '6f3a2c58-8e0d-4d3b-9a55-0f8f2f6c1a11'")),
      IsOk());
  EXPECT_THAT(Titles("query: 'sencha' available_only: true"), ElementsAre("Sencha"));
}

}  // namespace
}  // namespace arasta::catalog
