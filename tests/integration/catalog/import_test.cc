// ImportProducts on a real PostgreSQL.
#include <fstream>
#include <limits>
#include <thread>

#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/support/matchers.h"

namespace arasta::catalog {
namespace {

using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::testing::ElementsAre;
using ::testing::Property;

class ImportTest : public CatalogFixture {
 protected:
  static std::vector<v1::ImportRow> Rows(int count) {
    std::vector<v1::ImportRow> rows;
    for (int i = 0; i < count; ++i) {
      rows.push_back(Row(absl::StrCat("Tea ", i), absl::StrCat("TEA-", i), i));
      rows.back().add_category_path(absl::StrCat("Shelf ", i % 7));
    }
    return rows;
  }

  static auto ErrorOf(const std::string& field) {
    return Property("field", &v1::ImportRowError::field, field);
  }

  // Everything an import may change, as one text.
  std::string State() {
    return database_.Value<std::string>(R"sql(
      SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
        SELECT 'p' || p::text AS line FROM product p UNION ALL SELECT 'v' || v::text FROM variant v
        UNION ALL SELECT 'r' || r::text FROM price r UNION ALL SELECT 's' || s::text FROM stock s
        UNION ALL SELECT 'm' || m::text FROM stock_movement m UNION ALL SELECT 'c' || c::text FROM category c
      ) AS lines)sql");
  }
};

TEST_F(ImportTest, CreatesProductsWithVariantsPricesAndStock) {
  auto row = Parse<v1::ImportRow>(R"pb(
    title: 'Rize tea'
    description: 'Black.'
    category_path: 'Drinks'
    category_path: 'Tea'
    attributes { key: 'Origin' value: 'Rize' }
    options: 'Size'
    variants {
      sku: 'R-100'
      option_values { key: 'Size' value: '100 g' }
      on_hand: 7
      prices { currency_code: 'EUR' minor_units: 490 }
    }
    variants {
      sku: 'R-250'
      option_values { key: 'Size' value: '250 g' }
      prices { currency_code: 'EUR' minor_units: 990 }
    })pb");
  auto report = Import({row});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->created_count(), 1) << report->ShortDebugString();
  auto product = Get("products/rize-tea");
  ASSERT_THAT(product, IsOk());
  EXPECT_EQ(product->category(), "categories/drinks-tea");
  ASSERT_EQ(product->variants_size(), 2);
  EXPECT_EQ(product->variants(0).title(), "100 g");
  EXPECT_EQ(product->variants(0).available(), 7);
  EXPECT_EQ(product->variants(1).price().minor_units(), 990);
  EXPECT_EQ(product->options(0).values_size(), 2);
}

TEST_F(ImportTest, ReportsEachBadRowAndImportsTheRest) {
  std::vector<v1::ImportRow> rows = Rows(700);
  int bad = 0;
  for (size_t i = 5; i < rows.size() && bad < 37; i += 19, ++bad) {
    switch (bad % 5) {
      case 0:
        rows[i].clear_title();
        break;
      case 1:
        rows[i].mutable_variants(0)->set_sku("no good");
        break;
      case 2:
        rows[i].mutable_variants(0)->mutable_prices(0)->set_currency_code("euro");
        break;
      case 3:
        rows[i].mutable_variants(0)->set_on_hand(-1);
        break;
      case 4:
        rows[i].clear_variants();
        break;
    }
  }
  auto report = Import(rows);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->error_count(), 37);
  ASSERT_EQ(report->errors_size(), 37);
  EXPECT_EQ(report->created_count(), 663);
  EXPECT_EQ(Count("product"), 663);
  EXPECT_EQ(report->errors(0).row_number(), 6);
  EXPECT_EQ(report->errors(0).field(), "title");
  EXPECT_EQ(report->errors(0).reason(), "REQUIRED");
  EXPECT_EQ(report->errors(2).field(), "variants[0].prices[0].currency_code");
  EXPECT_EQ(report->errors(2).sku(), "TEA-43");
}

TEST_F(ImportTest, ReportsPricesThatNoProductMayHave) {
  std::vector<v1::ImportRow> rows = Rows(6);
  auto price = [&](size_t row) { return rows[row].mutable_variants(0)->mutable_prices(0); };
  price(1)->set_currency_code("USD");
  price(2)->set_currency_code("ZZZ");
  price(3)->set_channel("moon");
  price(4)->set_minor_units(1'000'000'000'001);
  price(5)->mutable_start_time()->set_seconds(std::numeric_limits<int64_t>::max());
  auto report = Import(rows);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->created_count(), 1);
  EXPECT_THAT(
      report->errors(),
      ElementsAre(ErrorOf("variants[0].prices[0].currency_code"),
                  ErrorOf("variants[0].prices[0].currency_code"), ErrorOf("variants[0].prices[0].channel"),
                  ErrorOf("variants[0].prices[0].minor_units"), ErrorOf("variants[0].prices[0].start_time")));
}

TEST_F(ImportTest, ChangesNothingTheSecondTime) {
  const std::vector<v1::ImportRow> rows = Rows(600);
  ASSERT_THAT(Import(rows), IsOk());
  const std::string before = State();
  auto report = Import(rows, 250);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->unchanged_count(), 600);
  EXPECT_EQ(State(), before);
  EXPECT_EQ(Count("outbox"), 1) << "one event for the import that changed something";
}

TEST_F(ImportTest, EndsInTheSameStateAfterABreak) {
  const std::vector<v1::ImportRow> rows = Rows(600);
  ASSERT_THAT(Import({rows.begin(), rows.begin() + 333}), IsOk());
  auto report = Import(rows);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->unchanged_count(), 333);
  EXPECT_EQ(report->created_count(), 267);
}

TEST_F(ImportTest, UpdatesBySkuAndKeepsOtherVariants) {
  ASSERT_THAT(Import({Row("Tea", "A")}), IsOk());
  v1::ImportRow both = Row("Better tea", "A", 4);
  *both.add_variants() = Row("", "B").variants(0);
  EXPECT_THAT(Import({both}), IsOkAndHolds(Property(&v1::ImportProductsResponse::updated_count, 1)));
  EXPECT_THAT(Import({Row("Best tea", "B")}),
              IsOkAndHolds(Property(&v1::ImportProductsResponse::updated_count, 1)));
  auto product = Get("products/tea");
  ASSERT_THAT(product, IsOk());
  EXPECT_EQ(product->title(), "Best tea");
  EXPECT_EQ(product->variants_size(), 2);
  EXPECT_EQ(Count("product"), 1);
}

TEST_F(ImportTest, RestoresWhatStaffChangedSinceTheSameRow) {
  ASSERT_THAT(Import({Row("Tea", "A")}), IsOk());
  auto product = Get("products/tea");
  ASSERT_THAT(admin_.UpdateProduct(staff_, Parse<v1::UpdateProductRequest>(absl::StrCat(
                                               "product { name: '", product->name(), "' title: 'Mine' }"))),
              IsOk());
  EXPECT_THAT(Import({Row("Tea", "A")}),
              IsOkAndHolds(Property(&v1::ImportProductsResponse::updated_count, 1)));
  EXPECT_EQ(Get("products/tea")->title(), "Tea");
}

TEST_F(ImportTest, ImportsRowsAboutTheSameProductOneAfterTheOther) {
  auto report = Import({Row("First", "A", 1), Row("Second", "A", 2), Row("Third", "A", 3)});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->created_count(), 1);
  EXPECT_EQ(report->updated_count(), 2);
  EXPECT_EQ(Get("products/first")->title(), "Third");
  EXPECT_EQ(database_.Value<int>("SELECT on_hand FROM stock"), 3);
}

TEST_F(ImportTest, RefusesARowWhoseSkusBelongToSeveralProducts) {
  ASSERT_THAT(Import({Row("One", "A"), Row("Two", "B")}), IsOk());
  v1::ImportRow both = Row("Both", "A");
  *both.add_variants() = Row("", "B").variants(0);
  auto report = Import({both, Row("Three", "C")});
  ASSERT_THAT(report, IsOk());
  ASSERT_EQ(report->errors_size(), 1);
  EXPECT_EQ(report->errors(0).reason(), "SKU_TAKEN");
  EXPECT_EQ(report->created_count(), 1);
}

TEST_F(ImportTest, TellsWhoseSlugIsTakenAndMakesOthersUnique) {
  v1::ImportRow first = Row("Tea", "A");
  first.set_slug("tea");
  v1::ImportRow second = Row("Tea", "B");
  second.set_slug("tea");
  auto report = Import({first, second, Row("Tea", "C"), Row("Tea", "D")});
  ASSERT_THAT(report, IsOk());
  ASSERT_EQ(report->errors_size(), 1);
  EXPECT_EQ(report->errors(0).reason(), "SLUG_TAKEN");
  EXPECT_EQ(report->created_count(), 3);
}

TEST_F(ImportTest, DoesNotCountBelowWhatIsReserved) {
  ASSERT_THAT(Import({Row("Tea", "A", 5)}), IsOk());
  ASSERT_THAT(reservations_.Reserve(staff_, {ReservationKey{Uuid::V4(), 1}, {{"A", 4}}}), IsOk());
  auto report = Import({Row("Tea", "A", 3)});
  ASSERT_THAT(report, IsOk());
  ASSERT_EQ(report->errors_size(), 1);
  EXPECT_EQ(report->errors(0).reason(), "INSUFFICIENT_STOCK");
  EXPECT_EQ(database_.Value<int>("SELECT on_hand FROM stock"), 5);
}

TEST_F(ImportTest, LeavesNothingOfARefusedRow) {
  v1::ImportRow taken = Row("Cup", "C");
  taken.set_slug("cup");
  v1::ImportRow row = Row("Tea", "A", 5);
  *row.add_variants() = Row("", "B", 5).variants(0);
  ASSERT_THAT(Import({taken, row}), IsOk());
  ASSERT_THAT(reservations_.Reserve(staff_, {ReservationKey{Uuid::V4(), 1}, {{"A", 4}}}), IsOk());
  const std::string before = State();

  v1::ImportRow too_few = Row("Better tea", "A", 3);
  too_few.add_category_path("Better");
  too_few.mutable_variants(0)->mutable_prices(0)->set_minor_units(777);
  *too_few.add_variants() = Row("", "B", 9).variants(0);
  v1::ImportRow same_slug = Row("Mug", "M");
  same_slug.set_slug("cup");
  same_slug.add_category_path("Mugs");
  auto report = Import({too_few, same_slug});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->error_count(), 2);
  EXPECT_EQ(State(), before);
  EXPECT_EQ(Count("outbox"), 1) << "of the import before";
}

TEST_F(ImportTest, LetsATitleYieldToASlugThatARowAsksFor) {
  ASSERT_THAT(Import({Row("Cup", "C")}), IsOk());
  v1::ImportRow renamed = Row("Cup", "C");
  renamed.set_slug("mug");
  auto report = Import({Row("Mug", "M"), renamed});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->error_count(), 0) << report->ShortDebugString();
  EXPECT_EQ(Get("products/mug")->title(), "Cup");
}

TEST_F(ImportTest, TellsThePlannerHowLargeTheTablesHaveBecome) {
  ASSERT_THAT(Import({Row("Tea", "TEA"), Row("Cup", "CUP")}), IsOk());
  EXPECT_EQ(database_.Value<int>("SELECT reltuples FROM pg_class WHERE relname = 'variant'"), 2);
}

TEST_F(ImportTest, OnlyPretendsOnADryRun) {
  auto report = Import(Rows(20), 400, /*dry_run=*/true);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->created_count(), 20);
  EXPECT_EQ(Count("product") + Count("stock") + Count("outbox"), 0);
}

TEST_F(ImportTest, TakesTheWholeDemoCatalogue) {
  std::vector<v1::ImportRow> rows;
  std::ifstream file(ARASTA_DEMO_CATALOGUE);
  for (std::string line; std::getline(file, line);) {
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(line, &rows.emplace_back()).ok()) << line;
  }
  auto report = Import(rows);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->error_count(), 0) << report->ShortDebugString();
  EXPECT_GE(report->created_count(), 120);
  EXPECT_GE(Count("category WHERE parent IS NULL"), 8);
  EXPECT_THAT(Titles("query: 'bergamot'"), ::testing::Not(::testing::IsEmpty()));
  const std::vector<std::string> found = Titles("query: 'black tea' available_only: true");
  ASSERT_THAT(found, ::testing::Not(::testing::IsEmpty())) << "arastactl demo asks for it";
  EXPECT_EQ(database_.Value<std::string>(
                absl::StrCat("SELECT category FROM product WHERE title = '", found.front(), "'")),
            "tea-black-tea");
}

TEST_F(ImportTest, LetsTwoImportsOfTheSameRowsRunAtOnce) {
  const std::vector<v1::ImportRow> rows = Rows(500);
  std::vector<v1::ImportRow> backwards(rows.rbegin(), rows.rend());
  {
    std::jthread one([&] {
      EXPECT_THAT(Import(rows), IsOkAndHolds(Property(&v1::ImportProductsResponse::error_count, 0)));
    });
    std::jthread two([&] {
      EXPECT_THAT(Import(backwards), IsOkAndHolds(Property(&v1::ImportProductsResponse::error_count, 0)));
    });
  }
  EXPECT_EQ(Count("product"), 500);
  EXPECT_EQ(Count("variant"), 500);
}

}  // namespace
}  // namespace arasta::catalog
