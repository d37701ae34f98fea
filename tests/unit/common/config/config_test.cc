#include "common/config/config.h"

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace arasta::config {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kMeaning[] = "what it means";

Config Make(Config::Environment environment, const std::vector<std::string>& arguments = {}) {
  environment.insert({"ARASTA_PROFILE", "test"});
  return Config(std::move(environment), arguments);
}

std::string Problems(Config& config) {
  return std::string(config.Finish().message());
}

std::string WriteFile(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path) << content;
  return path;
}

TEST(ConfigTest, ReadsTheEnvironmentAndFallsBackToTheDefault) {
  Config config = Make({{"ARASTA_LISTEN", "127.0.0.1:7000"}});
  EXPECT_EQ(config.String("ARASTA_LISTEN", "127.0.0.1:0", kMeaning), "127.0.0.1:7000");
  EXPECT_EQ(config.String("ARASTA_ADMIN_LISTEN", "127.0.0.1:0", kMeaning), "127.0.0.1:0");
  EXPECT_TRUE(config.Finish().ok());
}

TEST(ConfigTest, FlagsWinOverTheEnvironment) {
  Config config = Make({{"ARASTA_LISTEN", "a:1"}}, {"migrate", "--listen", "b:2", "--log-level=debug"});
  EXPECT_EQ(config.String("ARASTA_LISTEN", "", kMeaning), "b:2");
  EXPECT_EQ(config.String("ARASTA_LOG_LEVEL", "info", kMeaning), "debug");
  EXPECT_EQ(config.command(), "migrate");
  EXPECT_TRUE(config.Finish().ok());
}

TEST(ConfigTest, ReadsNumbersWithinTheirBounds) {
  for (const char* bad : {"some", "", "nan", "-0.1", "1.5", "inf"}) {
    Config config = Make({{"ARASTA_RATIO", bad}});
    EXPECT_EQ(config.Number("ARASTA_RATIO", 0.5, 0, 1, kMeaning), 0.5) << bad;
    EXPECT_THAT(Problems(config), HasSubstr("is not a number from 0 to 1")) << bad;
  }
  Config config = Make({{"ARASTA_RATIO", "0.01"}});
  EXPECT_EQ(config.Number("ARASTA_RATIO", 0.5, 0, 1, kMeaning), 0.01);
  EXPECT_TRUE(config.Finish().ok());
}

TEST(ConfigTest, ServesByDefault) {
  EXPECT_EQ(Make({}).command(), "serve");
}

TEST(ConfigTest, ReportsEveryProblemAtOnce) {
  Config config =
      Make({{"ARASTA_LIMIT", "7 of them"}, {"ARASTA_SWITCH", "perhaps"}, {"ARASTA_TIMEOUT", "-1s"}},
           {"--lissten=x"});
  config.Required("ARASTA_DATABASE_URL", "where the database is");
  EXPECT_EQ(config.Int("ARASTA_LIMIT", 5, 1, 10, kMeaning), 5);
  EXPECT_TRUE(config.Bool("ARASTA_SWITCH", true, kMeaning));
  EXPECT_EQ(config.Duration("ARASTA_TIMEOUT", absl::Seconds(2), absl::Seconds(1), absl::Seconds(9), kMeaning),
            absl::Seconds(2));
  const std::string problems = Problems(config);
  EXPECT_THAT(problems, HasSubstr("ARASTA_DATABASE_URL is required: where the database is"));
  EXPECT_THAT(problems, HasSubstr("ARASTA_LIMIT=7 of them is not a whole number from 1 to 10"));
  EXPECT_THAT(problems, HasSubstr("ARASTA_SWITCH=perhaps is not true or false"));
  EXPECT_THAT(problems, HasSubstr("ARASTA_TIMEOUT=-1s is not a duration from 1s to 9s"));
  EXPECT_THAT(problems, HasSubstr("--lissten is not known"));
}

TEST(ConfigTest, TakesOneOfTheValuesThereAre) {
  Config config = Make({{"ARASTA_LOG_LEVEL", "loud"}, {"ARASTA_COLOUR", "blue"}});
  EXPECT_EQ(config.OneOf("ARASTA_COLOUR", {"red", "blue"}, kMeaning), "blue");
  EXPECT_EQ(config.OneOf("ARASTA_SHAPE", {"round", "square"}, kMeaning), "round");
  config.OneOf("ARASTA_LOG_LEVEL", {"info", "debug"}, kMeaning);
  EXPECT_EQ(Problems(config), "ARASTA_LOG_LEVEL=loud is none of info, debug");
}

TEST(ConfigTest, AddressesHaveAHostAndAPort) {
  for (const char* good : {"a:1", "shop.example:0", "127.0.0.1:65535", "[::1]:80"}) {
    EXPECT_TRUE(IsAddress(good)) << good;
  }
  for (const char* bad : {"", "a", "80", ":80", "a:", "a:b", "a:1:2", "a:65536", "a:-1", "[::1:80", "::1]:80",
                          "http://a:80", "u@a:80", "a b:80"}) {
    EXPECT_FALSE(IsAddress(bad)) << bad;
  }
  Config config = Make({{"ARASTA_LISTEN", "everywhere"}});
  EXPECT_EQ(config.Address("ARASTA_ADMIN_LISTEN", "127.0.0.1:0", kMeaning), "127.0.0.1:0");
  config.Address("ARASTA_LISTEN", "127.0.0.1:0", kMeaning);
  EXPECT_EQ(Problems(config), "ARASTA_LISTEN=everywhere is not host:port");
}

TEST(ConfigTest, FilesAreThereAndHoldSomething) {
  Config good = Make({{"ARASTA_TLS_CERT", WriteFile("certificate", "of ours")}});
  EXPECT_THAT(good.File("ARASTA_TLS_CERT", kMeaning), HasSubstr("certificate"));
  EXPECT_EQ(good.File("ARASTA_TLS_KEY", kMeaning), "");
  EXPECT_TRUE(good.Finish().ok());
  for (const std::string& path : {std::string("/nowhere"), testing::TempDir(), WriteFile("empty", "")}) {
    Config config = Make({{"ARASTA_TLS_CERT", path}});
    config.File("ARASTA_TLS_CERT", kMeaning);
    EXPECT_EQ(Problems(config), "ARASTA_TLS_CERT=" + path + " can't be read, or is empty");
  }
}

TEST(ConfigTest, NumbersOutOfBoundsAreProblems) {
  for (const char* text : {"0", "11", "99999999999999999999", ""}) {
    Config config = Make({{"ARASTA_LIMIT", text}});
    config.Int("ARASTA_LIMIT", 5, 1, 10, kMeaning);
    EXPECT_FALSE(config.Finish().ok()) << text;
  }
}

TEST(ConfigTest, ASecretComesFromAFile) {
  const std::string path = WriteFile("secret", "from the file\n");
  Config config = Make({{"ARASTA_KEY_FILE", path}});
  EXPECT_EQ(config.Secret("ARASTA_KEY", kMeaning), "from the file");
  EXPECT_TRUE(config.Finish().ok());
}

TEST(ConfigTest, ASecretIsNeverAFlagAndNeverGivenTwice) {
  const std::string path = WriteFile("secret", "from the file\n");
  Config config = Make({{"ARASTA_KEY_FILE", path}, {"ARASTA_KEY", "inline"}}, {"--key=open"});
  config.Secret("ARASTA_KEY", kMeaning);
  EXPECT_THAT(Problems(config), HasSubstr("--key: a secret is never given as a flag"));
  EXPECT_THAT(Problems(config), HasSubstr("both ARASTA_KEY and ARASTA_KEY_FILE are set"));
}

TEST(ConfigTest, AnOptionalSecretMayBeAbsentInProduction) {
  Config config({}, {});
  EXPECT_EQ(config.OptionalSecret("ARASTA_PASSWORD", kMeaning), "");
  EXPECT_TRUE(config.Finish().ok());
}

TEST(ConfigTest, AnUnreadableSecretIsAProblem) {
  Config config = Make({{"ARASTA_KEY_FILE", "/nowhere"}});
  config.Secret("ARASTA_KEY", kMeaning);
  EXPECT_THAT(Problems(config), HasSubstr("ARASTA_KEY_FILE=/nowhere can't be read"));
}

TEST(ConfigTest, TheLocalDefaultOfASecretIsRefusedInProduction) {
  Config local = Make({{"ARASTA_PROFILE", "local"}});
  EXPECT_EQ(local.Secret("ARASTA_KEY", kMeaning, "public"), "public");
  EXPECT_TRUE(local.Finish().ok());
  Config production({}, {});
  production.Secret("ARASTA_KEY", kMeaning, "public");
  EXPECT_THAT(Problems(production), HasSubstr("ARASTA_KEY or ARASTA_KEY_FILE is required"));
  Config copied({{"ARASTA_KEY", "public"}}, {});
  copied.Secret("ARASTA_KEY", kMeaning, "public");
  EXPECT_THAT(Problems(copied), HasSubstr("public default"));
}

TEST(ConfigTest, AShortSecretIsRefusedInProduction) {
  for (const size_t length : {31, 32}) {
    Config config({{"ARASTA_KEY", std::string(length, 'k')}}, {});
    config.Secret("ARASTA_KEY", kMeaning);
    EXPECT_EQ(Problems(config), length < 32 ? "ARASTA_KEY is shorter than 32 bytes" : "");
  }
}

TEST(ConfigTest, ProductionIsTheDefaultProfile) {
  EXPECT_TRUE(Config({}, {}).IsProduction());
  Config misspelt({{"ARASTA_PROFILE", "locale"}}, {});
  EXPECT_TRUE(misspelt.IsProduction());
  EXPECT_FALSE(misspelt.Finish().ok());
}

TEST(ConfigTest, CrashPointsAreRefusedInProduction) {
  Config config({{"ARASTA_CRASH_POINT", "order.after_claim"}}, {});
  EXPECT_THAT(Problems(config), HasSubstr("ARASTA_CRASH_POINT is refused in production"));
}

TEST(ConfigTest, PrintConfigRedactsSecrets) {
  const auto print = [] {
    Config config = Make({{"ARASTA_KEY", "hunter2"}, {"ARASTA_LISTEN", "a:1"}, {"ARASTA_URL", "hunter2"}},
                         {"--print-config"});
    config.Secret("ARASTA_KEY", kMeaning);
    config.String("ARASTA_LISTEN", "", kMeaning);
    config.String("ARASTA_URL", "", kMeaning);
    config.Redact("ARASTA_URL");
    testing::internal::CaptureStdout();
    std::atexit([] { std::cerr << testing::internal::GetCapturedStdout(); });
    config.FinishOrExit();
  };
  EXPECT_EXIT(print(), testing::ExitedWithCode(0),
              testing::AllOf(HasSubstr("ARASTA_KEY=(redacted)"), HasSubstr("ARASTA_LISTEN=a:1"),
                             Not(HasSubstr("hunter2"))));
}

TEST(ConfigTest, ProblemsEndTheProcessWithTwo) {
  const auto finish = [] {
    Config config = Make({});
    config.Required("ARASTA_DATABASE_URL", kMeaning);
    config.FinishOrExit();
  };
  EXPECT_EXIT(finish(), testing::ExitedWithCode(2), "ARASTA_DATABASE_URL is required");
}

}  // namespace
}  // namespace arasta::config
