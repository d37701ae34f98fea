#include "services/notification/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace arasta::notification {
namespace {

using arasta::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

class NotificationConfigTest : public ::testing::Test {
 protected:
  absl::Status Read() {
    config::Config config(environment_, {});
    settings_ = ReadConfig(config);
    return config.Finish();
  }

  config::Config::Environment environment_ = {
      {"ARASTA_PROFILE", "test"},
      {"ARASTA_DATABASE_URL", "dbname=notification"},
      {"ARASTA_EVENTS_REDIS", "127.0.0.1:1"},
      {"ARASTA_ORDER_ADDRESS", "127.0.0.1:1"},
      {"ARASTA_SMTP_URL", "smtp://mail.example:587"},
      {"ARASTA_SMTP_FROM", "Arasta <shop@arasta.example>"},
  };
  absl::optional<NotificationConfig> settings_;
};

TEST_F(NotificationConfigTest, RequiresTlsUnlessTold) {
  ASSERT_THAT(Read(), IsOk());
  EXPECT_TRUE(settings_->smtp.require_tls);
  EXPECT_EQ(settings_->from.name, "Arasta");
  EXPECT_EQ(settings_->from.address.text(), "shop@arasta.example");
}

TEST_F(NotificationConfigTest, GuessesNeitherADatabaseNorARedis) {
  environment_.erase("ARASTA_DATABASE_URL");
  environment_.erase("ARASTA_EVENTS_REDIS");
  const std::string message(Read().message());
  EXPECT_THAT(message, HasSubstr("ARASTA_DATABASE_URL"));
  EXPECT_THAT(message, HasSubstr("ARASTA_EVENTS_REDIS"));
}

TEST_F(NotificationConfigTest, RefusesClearTextInProduction) {
  environment_["ARASTA_PROFILE"] = "production";
  environment_["ARASTA_SMTP_REQUIRE_TLS"] = "false";
  EXPECT_THAT(std::string(Read().message()), HasSubstr("ARASTA_SMTP_REQUIRE_TLS"));
}

TEST_F(NotificationConfigTest, RefusesToSendAPasswordInClear) {
  environment_["ARASTA_SMTP_REQUIRE_TLS"] = "false";
  environment_["ARASTA_SMTP_USER"] = "shop";
  EXPECT_THAT(std::string(Read().message()), HasSubstr("ARASTA_SMTP_USER"));
}

TEST_F(NotificationConfigTest, RefusesASenderThatIsNoMailbox) {
  environment_["ARASTA_SMTP_FROM"] = "Arasta\r\nBcc: <eve@evil.example>";
  EXPECT_THAT(std::string(Read().message()), HasSubstr("ARASTA_SMTP_FROM"));
}

}  // namespace
}  // namespace arasta::notification
