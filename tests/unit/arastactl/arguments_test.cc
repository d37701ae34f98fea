#include "services/arastactl/arguments.h"

#include "gtest/gtest.h"

namespace arasta::ctl {
namespace {

TEST(ArgumentsTest, ReadsCommandOptionsAndFileInAnyOrder) {
  const auto arguments = ParseArguments({"--gateway", "shop:80", "import", "--dry-run", "rows.jsonl",
                                         "--email", "a@b.example", "--password-file", "secret", "--json"});
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->command, "import");
  EXPECT_EQ(arguments->file, "rows.jsonl");
  EXPECT_EQ(arguments->gateway, "shop:80");
  EXPECT_EQ(arguments->email, "a@b.example");
  EXPECT_EQ(arguments->password_file, "secret");
  EXPECT_TRUE(arguments->dry_run);
  EXPECT_TRUE(arguments->json);
}

TEST(ArgumentsTest, HelpWinsOverEverything) {
  EXPECT_EQ(ParseArguments({"import", "--help"})->command, "help");
}

TEST(ArgumentsTest, SaysWhatIsWrong) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{}, "which command?"},
      {{"fly"}, "fly: unknown"},
      {{"status", "now"}, "now: unexpected"},
      {{"status", "--loud"}, "--loud: unknown"},
      {{"status", "--gateway"}, "--gateway wants a value"},
      {{"import"}, "import wants a file"},
      {{"import", "rows.jsonl"}, "import wants --email and --password-file"},
      {{"import", "a", "b"}, "b: unexpected"},
  };
  for (const auto& [words, message] : cases) {
    EXPECT_EQ(ParseArguments(words).status().message(), message);
  }
}

}  // namespace
}  // namespace arasta::ctl
