#include "services/catalog/import_row.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"

namespace arasta::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Pair;

v1::ImportRow Row(const std::string& more = "") {
  v1::ImportRow row;
  const std::string text = R"pb(
    title: 'Rize tea'
    category_path: 'Drinks'
    category_path: 'Black tea'
    options: 'Size'
    variants {
      sku: 'R-1'
      option_values { key: 'Size' value: '100 g' }
      on_hand: 3
      prices { currency_code: 'EUR' minor_units: 490 }
    }
    variants {
      sku: 'R-2'
      option_values { key: 'Size' value: '250 g' }
    }
  )pb";
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text + more, &row));
  return row;
}

ImportedRow Read(const v1::ImportRow& row) {
  absl::variant<ImportedRow, Violation> read = ReadImportRow(row, {{"web", "EUR"}});
  if (const Violation* violation = absl::get_if<Violation>(&read)) {
    ADD_FAILURE() << violation->field << " " << violation->message;
    return {};
  }
  return absl::get<ImportedRow>(read);
}

std::string WrongField(const v1::ImportRow& row) {
  absl::variant<ImportedRow, Violation> read = ReadImportRow(row, {{"web", "EUR"}});
  const Violation* violation = absl::get_if<Violation>(&read);
  return violation == nullptr ? "" : violation->field;
}

TEST(ReadImportRowTest, MakesCategoriesOutOfTheirTitles) {
  const ImportedRow row = Read(Row());
  EXPECT_THAT(row.categories,
              ElementsAre(Field(&Category::id, "drinks"), Field(&Category::id, "drinks-black-tea")));
  EXPECT_EQ(row.categories[1].parent_id, "drinks");
  EXPECT_EQ(row.product.category_id, "drinks-black-tea");
}

TEST(ReadImportRowTest, CollectsOptionValuesAndTitlesFromVariants) {
  const ImportedRow row = Read(Row());
  EXPECT_THAT(row.product.options[0].values, ElementsAre("100 g", "250 g"));
  EXPECT_EQ(row.product.variants[1].title, "250 g");
  EXPECT_EQ(row.product.variants[0].prices[0].channel, "web");
}

TEST(ReadImportRowTest, SetsTheStockOnlyWhereItWasCounted) {
  EXPECT_THAT(Read(Row()).on_hand, ElementsAre(Pair("R-1", 3)));
}

TEST(ReadImportRowTest, HashesEverythingButTheCounts) {
  v1::ImportRow counted = Row();
  counted.mutable_variants(0)->set_on_hand(99);
  EXPECT_EQ(Read(counted).hash, Read(Row()).hash);
  v1::ImportRow described = Row("description: 'Black.'");
  EXPECT_NE(Read(described).hash, Read(Row()).hash);
}

TEST(ReadImportRowTest, HashesAttributesInWhateverOrderTheyCome) {
  const std::string one = "attributes { key: 'a' value: '1' }", two = "attributes { key: 'b' value: '2' }";
  EXPECT_EQ(Read(Row(one + two)).hash, Read(Row(two + one)).hash);
}

TEST(ReadImportRowTest, NamesFieldsAsTheRowHasThem) {
  v1::ImportRow row = Row();
  row.mutable_variants(0)->mutable_prices(0)->set_currency_code("euro");
  EXPECT_EQ(WrongField(row), "variants[0].prices[0].currency_code");
  row = Row();
  row.mutable_variants(0)->set_on_hand(-1);
  EXPECT_EQ(WrongField(row), "variants[0].on_hand");
  row = Row();
  (*row.mutable_variants(1)->mutable_option_values())["Colour"] = "red";
  EXPECT_EQ(WrongField(row), "variants[1].option_values");
  row = Row();
  (*row.mutable_attributes())["Origin"] = "";
  EXPECT_EQ(WrongField(row), "attributes");
  row = Row();
  row.add_category_path("🫖");
  EXPECT_EQ(WrongField(row), "category_path[2]");
}

TEST(ReadImportRowTest, KeepsTheBoundsOfTheContract) {
  v1::ImportRow row = Row();
  row.set_title("Rize\ttea");
  EXPECT_EQ(WrongField(row), "title");
  row = Row();
  row.add_category_path("Green\ntea");
  EXPECT_EQ(WrongField(row), "category_path[2]");
  row = Row();
  while (row.variants_size() <= 100) {
    *row.add_variants() = row.variants(0);
    row.mutable_variants()->rbegin()->set_sku("R-" + std::to_string(row.variants_size()));
  }
  EXPECT_EQ(WrongField(row), "variants");
  row = Row();
  while (row.variants(0).prices_size() <= 50) {
    v1::ImportPrice& price = *row.mutable_variants(0)->add_prices();
    price = row.variants(0).prices(0);
    price.mutable_start_time()->set_seconds(row.variants(0).prices_size());
  }
  EXPECT_EQ(WrongField(row), "variants[0].prices");
  row = Row();
  while (row.options_size() <= 10) {
    const std::string option = "Option " + std::to_string(row.options_size());
    row.add_options(option);
    for (v1::ImportVariant& variant : *row.mutable_variants())
      (*variant.mutable_option_values())[option] = "x";
  }
  row.mutable_variants(0)->set_title("100 g");
  EXPECT_EQ(WrongField(row), "options");
  row = Row();
  while (row.attributes_size() <= 50) {
    (*row.mutable_attributes())[std::to_string(row.attributes_size())] = "x";
  }
  EXPECT_EQ(WrongField(row), "attributes");
  row = Row();
  while (row.media_size() <= 50) row.add_media()->set_uri("https://shop.example/tea.webp");
  EXPECT_EQ(WrongField(row), "media");
}

TEST(ReadImportRowTest, KeepsTabsAndLinesOfADescription) {
  v1::ImportRow row = Row();
  row.set_description("Black.\n\tFrom Rize.");
  EXPECT_EQ(WrongField(row), "");
}

}  // namespace
}  // namespace arasta::catalog
