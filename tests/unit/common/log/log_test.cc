#include "common/log/log.h"

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

TEST(LogTest, UnknownLevelsMeanInfo) {
  EXPECT_EQ(LevelFromName("debug"), Level::kDebug);
  EXPECT_EQ(LevelFromName("loud"), Level::kInfo);
}

}  // namespace
}  // namespace arasta::log
