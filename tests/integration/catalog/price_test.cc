// Prices through the services, on a real PostgreSQL.
#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/support/matchers.h"

namespace arasta::catalog {
namespace {

using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;
using ::testing::HasSubstr;

class PriceTest : public CatalogFixture {
 protected:
  // The answer to a product whose only variant has the price.
  absl::StatusOr<v1::Product> CreateWithPrice(const std::string& price) {
    return admin_.CreateProduct(
        staff_, Parse<v1::CreateProductRequest>(
                    absl::StrCat("product { title: 'Tea' variants { sku: 'TEA' prices { ", price, " } } }")));
  }
};

TEST_F(PriceTest, ShowsThePriceThatIsValidNowInTheChannelAskedFor) {
  auto created = admin_.CreateProduct(staff_, Parse<v1::CreateProductRequest>(R"pb(
                                        product {
                                          title: 'Tea'
                                          variants {
                                            sku: 'TEA'
                                            prices { amount { currency_code: 'EUR' minor_units: 500 } }
                                            prices {
                                              amount { currency_code: 'EUR' minor_units: 400 }
                                              start_time { seconds: 1000 }
                                              end_time { seconds: 2000 }
                                            }
                                            prices {
                                              amount { currency_code: 'EUR' minor_units: 450 }
                                              start_time { seconds: 1500 }
                                            }
                                            prices {
                                              amount { currency_code: 'EUR' minor_units: 1 }
                                              start_time { seconds: 9000000000 }
                                            }
                                            prices {
                                              channel: 'us'
                                              amount { currency_code: 'USD' minor_units: 600 }
                                            }
                                          }
                                        })pb"));
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->variants(0).prices_size(), 5);
  EXPECT_EQ(Get(created->name())->variants(0).price().minor_units(), 450);
  v1::GetProductRequest request;
  request.set_name(created->name());
  request.set_channel("us");
  EXPECT_EQ(catalog_.GetProduct(nobody_, request)->variants(0).price().currency_code(), "USD");
  request.set_channel("moon");
  EXPECT_FALSE(catalog_.GetProduct(nobody_, request)->variants(0).has_price());
}

TEST_F(PriceTest, IsInTheCurrencyOfItsChannelOrRefused) {
  struct Case {
    const char* price;
    const char* field;
  };
  const Case cases[] = {
      {"amount { currency_code: 'USD' minor_units: 500 }", "amount.currency_code"},
      {"amount { currency_code: 'ZZZ' minor_units: 500 }", "amount.currency_code"},
      {"channel: 'us' amount { currency_code: 'EUR' minor_units: 500 }", "amount.currency_code"},
      {"channel: 'moon' amount { currency_code: 'EUR' minor_units: 500 }", "channel"},
      {"amount { currency_code: 'EUR' minor_units: 1000000000001 }", "amount.minor_units"},
  };
  auto tea = Create("Tea", "TEA");
  for (const Case& c : cases) {
    const std::string field = absl::StrCat("product.variants[0].prices[0].", c.field);
    auto created = CreateWithPrice(c.price);
    EXPECT_THAT(created, StatusIs(absl::StatusCode::kInvalidArgument)) << c.price;
    EXPECT_THAT(created.status().ToString(), HasSubstr(field));
    auto updated = admin_.UpdateProduct(staff_, Parse<v1::UpdateProductRequest>(absl::StrCat(
                                                    "product { name: '", tea->name(),
                                                    "' variants { sku: 'TEA' prices { ", c.price, " } } }")));
    EXPECT_THAT(updated, StatusIs(absl::StatusCode::kInvalidArgument)) << c.price;
    EXPECT_THAT(updated.status().ToString(), HasSubstr(field));
  }
  EXPECT_EQ(Count("product"), 1);
  EXPECT_EQ(Get(tea->name())->version(), 1);
}

TEST_F(PriceTest, HasAWindowOfTimesThatAreOrIsRefused) {
  struct Case {
    const char* window;
    const char* field;
  };
  const Case cases[] = {
      {"start_time { seconds: 9223372036854775807 }", "start_time"},
      {"start_time { seconds: -62135596801 }", "start_time"},
      {"start_time { seconds: 5 nanos: -1 }", "start_time"},
      {"end_time { seconds: 253402300800 }", "end_time"},
      {"end_time { seconds: -9223372036854775808 nanos: -1 }", "end_time"},
      {"end_time { seconds: 5 nanos: 1000000000 }", "end_time"},
      {"start_time { seconds: 20 } end_time { seconds: 10 }", "end_time"},
  };
  for (const Case& c : cases) {
    auto created = CreateWithPrice(absl::StrCat("amount { currency_code: 'EUR' } ", c.window));
    EXPECT_THAT(created, StatusIs(absl::StatusCode::kInvalidArgument)) << c.window;
    EXPECT_THAT(created.status().ToString(),
                HasSubstr(absl::StrCat("product.variants[0].prices[0].", c.field)));
  }
  EXPECT_EQ(Count("product"), 0);
}

TEST_F(PriceTest, MayBeValidFromTheFirstTimestampToTheLast) {
  auto created = CreateWithPrice(R"pb(
    amount { currency_code: 'EUR' minor_units: 500 }
    start_time { seconds: -62135596800 }
    end_time { seconds: 253402300799 nanos: 999999000 }
  )pb");
  ASSERT_THAT(created, IsOk());
  const v1::Price& price = created->variants(0).prices(0);
  EXPECT_EQ(price.start_time().seconds(), -62135596800);
  EXPECT_EQ(price.end_time().seconds(), 253402300799);
  EXPECT_EQ(price.end_time().nanos(), 999999000);
  EXPECT_EQ(Get(created->name())->variants(0).price().minor_units(), 500);
}

}  // namespace
}  // namespace arasta::catalog
