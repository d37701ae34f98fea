#include "common/pg/urls.h"

#include <cstdlib>
#include <iostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace arasta::pg {
namespace {

std::string ProblemsOf(const std::string& serving, const std::string& migrating,
                       const std::string& command = "serve") {
  config::Config config({{"ARASTA_DATABASE_URL", serving}, {"ARASTA_MIGRATION_DATABASE_URL", migrating}},
                        {command});
  ReadServingUrl(config);
  ReadMigratingUrl(config);
  return std::string(config.Finish().message());
}

TEST(DatabaseUrlsTest, AreWhatLibpqTakes) {
  EXPECT_EQ(ProblemsOf("dbname=shop user=server", ""), "");
  EXPECT_EQ(ProblemsOf("postgresql://server:hunter2@db/shop", "host=/run dbname=shop"), "");
  EXPECT_EQ(ProblemsOf("shop", "dbnam=shop"),
            "ARASTA_DATABASE_URL is no conninfo of libpq, such as dbname=shop user=server\n"
            "ARASTA_MIGRATION_DATABASE_URL is no conninfo of libpq, such as dbname=shop user=server");
}

TEST(DatabaseUrlsTest, WhoMigratesNeedsTheOther) {
  EXPECT_EQ(ProblemsOf("dbname=shop", "", "migrate"), "ARASTA_MIGRATION_DATABASE_URL is needed to migrate");
  EXPECT_EQ(ProblemsOf("dbname=shop", "dbname=shop", "migrate"), "");
}

TEST(DatabaseUrlsTest, PasswordsAreNotRepeated) {
  EXPECT_THAT(ProblemsOf("password=hunter2 oops", "dbname=shop"),
              ::testing::Not(::testing::HasSubstr("hunter2")));
  const auto print = [](const std::string& url) {
    config::Config config({{"ARASTA_DATABASE_URL", url}}, {"--print-config"});
    ReadServingUrl(config);
    ::testing::internal::CaptureStdout();
    std::atexit([] { std::cerr << ::testing::internal::GetCapturedStdout(); });
    config.FinishOrExit();
  };
  EXPECT_EXIT(print("dbname=shop"), ::testing::ExitedWithCode(0), "ARASTA_DATABASE_URL=dbname=shop\n");
  for (const char* url : {"dbname=shop password=hunter2", "postgresql://server:hunter2@db/shop"}) {
    EXPECT_EXIT(print(url), ::testing::ExitedWithCode(0), "ARASTA_DATABASE_URL=\\(redacted\\)");
  }
}

}  // namespace
}  // namespace arasta::pg
