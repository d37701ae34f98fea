#include "common/log/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

namespace arasta::log {
namespace {

nlohmann::json Logged(absl::string_view message, std::initializer_list<Field> fields) {
  testing::internal::CaptureStderr();
  Info(message, fields);
  return nlohmann::json::parse(testing::internal::GetCapturedStderr());
}

TEST(LogTest, WritesOneJsonObject) {
  Configure("catalog", Level::kInfo);
  const nlohmann::json line =
      Logged("serving", {{"address", "127.0.0.1:7000"}, {"workers", 8}, {"tls", true}, {"share", 0.5}});
  EXPECT_EQ(line["msg"], "serving");
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["service"], "catalog");
  EXPECT_EQ(line["address"], "127.0.0.1:7000");
  EXPECT_EQ(line["workers"], 8);
  EXPECT_EQ(line["tls"], true);
  EXPECT_EQ(line["share"], 0.5);
  EXPECT_EQ(line["time"].get<std::string>().back(), 'Z');
}

TEST(LogTest, StaysJsonWhateverTheBytes) {
  const std::string hostile("a\"b\\c\nd\0e\xff\xfe", 11);
  EXPECT_NO_THROW(Logged(hostile, {{"key\n", hostile}, {"number", std::nan("")}}));
  EXPECT_EQ(Logged("Käse \"alt\"", {})["msg"], "Käse \"alt\"");
}

TEST(LogTest, LeavesOutWhatIsBelowTheLevel) {
  Configure("catalog", LevelFromName("warning"));
  testing::internal::CaptureStderr();
  Info("quiet");
  Warning("loud");
  const std::string output = testing::internal::GetCapturedStderr();
  EXPECT_EQ(output.find("quiet"), std::string::npos);
  EXPECT_NE(output.find("loud"), std::string::npos);
  Configure("catalog", Level::kInfo);
}

TEST(LogTest, DoesNotWaitForAReaderWhereItMust) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const int before = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  NeverWait();
  for (int i = 0; i < 2000; ++i) Info("nobody reads this", {{"line", i}});
  dup2(before, STDERR_FILENO);
  EXPECT_EQ(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0) << "that is for others too";
  std::string text(1 << 20, '\0');
  text.resize(static_cast<size_t>(read(ends[0], text.data(), text.size())));
  EXPECT_NE(text.find("nobody reads this\",\"line\":0}\n"), std::string::npos);
  EXPECT_EQ(text.find("\"line\":1999}"), std::string::npos);
  EXPECT_EQ(text.back(), '\n');
  for (const int fd : {ends[0], ends[1], before}) close(fd);
}

TEST(LogTest, UnknownLevelsMeanInfo) {
  EXPECT_EQ(LevelFromName("debug"), Level::kDebug);
  EXPECT_EQ(LevelFromName("loud"), Level::kInfo);
}

}  // namespace
}  // namespace arasta::log
