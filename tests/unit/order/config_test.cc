#include "services/order/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/matchers.h"

namespace arasta::order {
namespace {

using arasta::testing::IsOk;
using ::testing::HasSubstr;

class OrderConfigTest : public ::testing::Test {
 protected:
  absl::Status Read() {
    config::Config config(environment_, {});
    ReadOrderConfig(config);
    return config.Finish();
  }

  config::Config::Environment environment_ = {
      {"ARASTA_PROFILE", "production"},
      {"ARASTA_DATABASE_URL", "dbname=order"},
      {"ARASTA_EVENTS_REDIS", "unix:/nowhere"},
      {"ARASTA_CATALOG_ADDRESS", "127.0.0.1:1"},
      {"ARASTA_PAGE_TOKEN_SECRET", std::string(32, 's')},
      {"ARASTA_PAYMENT_PROVIDER", "sandbox"},
  };
};

TEST_F(OrderConfigTest, MovesNoMoneyInProductionOnlyWhenAsked) {
  EXPECT_THAT(Read(), IsOk());
  environment_.erase("ARASTA_PAYMENT_PROVIDER");
  EXPECT_THAT(std::string(Read().message()), HasSubstr("ARASTA_PAYMENT_PROVIDER is required"));
  environment_["ARASTA_PROFILE"] = "local";
  EXPECT_THAT(Read(), IsOk());
}

TEST_F(OrderConfigTest, KnowsItsPaymentProviders) {
  environment_["ARASTA_PAYMENT_PROVIDER"] = "paypall";
  EXPECT_THAT(std::string(Read().message()), HasSubstr("ARASTA_PAYMENT_PROVIDER=paypall"));
}

}  // namespace
}  // namespace arasta::order
