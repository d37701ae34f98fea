#include "services/catalog/product.h"

#include "gmock/gmock.h"
#include "services/catalog/names.h"
#include "tests/support/matchers.h"

namespace arasta::catalog {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;

Product Tea() {
  Product product;
  product.title = "Rize tea";
  product.options = {{"Size", {"100 g", "250 g"}}};
  for (const char* size : {"100 g", "250 g"}) {
    Variant variant;
    variant.sku = std::string("TEA-") + std::string(size, 3);
    variant.option_values = {{"Size", size}};
    variant.prices = {{"web", {"EUR", 490}}};
    product.variants.push_back(variant);
  }
  return product;
}

const shop::Channels& ShopChannels() {
  static const auto* const channels = new shop::Channels{{"web", "EUR"}, {"jp", "JPY"}};
  return *channels;
}

// The field that is wrong; empty where nothing is.
std::string WrongField(const Product& product) {
  const absl::optional<Violation> violation = FindViolation(product, ShopChannels());
  return violation.has_value() ? violation->field : "";
}

TEST(FindViolationTest, AcceptsASoundProduct) {
  EXPECT_EQ(WrongField(Tea()), "");
}

TEST(FindViolationTest, NamesTheFieldThatIsWrong) {
  struct Case {
    const char* field;
    void (*spoil)(Product&);
  };
  const Case cases[] = {
      {"title", [](Product& p) { p.title = "  "; }},
      {"title", [](Product& p) { p.title.assign(301, 'x'); }},
      {"title", [](Product& p) { p.title.push_back('\0'); }},
      {"description", [](Product& p) { p.description.assign(20001, 'x'); }},
      {"slug", [](Product& p) { p.slug = "Not A Slug"; }},
      {"slug", [](Product& p) { p.slug = "01890a5d-ac96-774b-bcce-b302099a8057"; }},
      {"variants", [](Product& p) { p.variants.clear(); }},
      {"variants[1].sku", [](Product& p) { p.variants[1].sku = p.variants[0].sku; }},
      {"variants[0].sku", [](Product& p) { p.variants[0].sku = "a b"; }},
      {"variants[1].option_values", [](Product& p) { p.variants[1].option_values.clear(); }},
      {"variants[0].option_values[0].value",
       [](Product& p) { p.variants[0].option_values[0].value = "1 t"; }},
      {"variants[0].option_values[0].option",
       [](Product& p) { p.variants[0].option_values[0].option = "Hue"; }},
      {"variants[0].prices[0].amount.currency_code",
       [](Product& p) { p.variants[0].prices[0].amount.currency_code = "eur"; }},
      {"variants[0].prices[0].amount.minor_units",
       [](Product& p) { p.variants[0].prices[0].amount.minor_units = -1; }},
      {"variants[0].prices[0].amount.minor_units",
       [](Product& p) { p.variants[0].prices[0].amount.minor_units = kMostMinorUnits + 1; }},
      {"variants[0].prices[0].amount.currency_code",
       [](Product& p) { p.variants[0].prices[0].channel = "jp"; }},
      {"variants[0].prices[0].channel", [](Product& p) { p.variants[0].prices[0].channel = "moon"; }},
      {"variants[0].prices[1].start_time",
       [](Product& p) { p.variants[0].prices.push_back(p.variants[0].prices[0]); }},
      {"variants[0].prices[0].end_time",
       [](Product& p) { p.variants[0].prices[0].end_time = absl::InfinitePast(); }},
      {"variants[0].prices[0].start_time",
       [](Product& p) { p.variants[0].prices[0].start_time = absl::InfiniteFuture(); }},
      {"options[1].option", [](Product& p) { p.options.push_back(p.options[0]); }},
      {"attributes[1].key",
       [](Product& p) {
         p.attributes = {{"Origin", "Rize"}, {"Origin", "Assam"}};
       }},
      {"media[0].uri", [](Product& p) { p.media.emplace_back(); }},
      {"media[0].uri", [](Product& p) { p.media.emplace_back().uri = "javascript:alert(1)"; }},
  };
  for (const Case& c : cases) {
    Product product = Tea();
    c.spoil(product);
    EXPECT_EQ(WrongField(product), c.field);
  }
}

TEST(FindViolationTest, CountsCharactersAndNotBytes) {
  Product product = Tea();
  product.title.clear();
  for (int i = 0; i < 300; ++i) product.title += "ç";
  EXPECT_EQ(WrongField(product), "");
}

TEST(CheckEtagTest, AcceptsNoneOrTheCurrentOne) {
  EXPECT_THAT(CheckEtag("", 7), IsOk());
  EXPECT_THAT(CheckEtag(EtagOf(7), 7), IsOk());
  EXPECT_THAT(CheckEtag(EtagOf(6), 7), HasReason("ETAG_MISMATCH"));
}

TEST(ParseProductNameTest, TellsIdsFromSlugs) {
  const Uuid id = Uuid::V4();
  EXPECT_EQ(ParseProductName(ProductName(id), "name")->id, id);
  EXPECT_EQ(ParseProductName("products/rize-tea", "name")->slug, "rize-tea");
  for (const char* name : {"", "products/", "products/A", "product/x", "products/x/y", "products/'"}) {
    EXPECT_THAT(ParseProductName(name, "name"), StatusIs(absl::StatusCode::kInvalidArgument)) << name;
  }
}

TEST(ParseOrderNameTest, AcceptsAUuidOnly) {
  const Uuid id = Uuid::V4();
  EXPECT_EQ(*ParseOrderName(OrderName(id), "order"), id);
  EXPECT_THAT(ParseOrderName("orders/1", "order"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace arasta::catalog
