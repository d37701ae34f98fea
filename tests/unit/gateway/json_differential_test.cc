// Random messages and random texts, through ours and through protobuf's own JSON library.
//
// Where they differ on purpose, ours being as the mapping is specified:
// - protobuf's takes what is no JSON: single quotes, keys without quotes, trailing commas, lone surrogates.
// - It takes a field twice, two fields of one oneof, "true" for true, enums in any case and as strings of
// numbers,
//   null within lists (dropped), numbers that round to an integer; it writes NaN for a google.protobuf.Value.
// - It takes -0 for the integer 0, and "aBC" in a FieldMask for a_bc.
// - It escapes <, > and other characters that JSON lets be, and writes numbers with another count of digits.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "tests/unit/gateway/json_fixture.h"
#include "tests/unit/gateway/random_message.h"

namespace arasta::gateway {
namespace {

constexpr int kMessages = 500;
constexpr int kTexts = 3'000;

// The first line in which they differ; empty where they do not. NaN is like NaN there.
std::string Difference(const Everything& left, const Everything& right) {
  const std::vector<std::string> lines = absl::StrSplit(left.DebugString(), '\n');
  const std::vector<std::string> others = absl::StrSplit(right.DebugString(), '\n');
  const auto [line, other] = std::mismatch(lines.begin(), lines.end(), others.begin(), others.end());
  if (line == lines.end() && other == others.end()) return "";
  return absl::StrCat(line == lines.end() ? "the end" : *line, " and ",
                      other == others.end() ? "the end" : *other);
}

TEST(JsonDifferentialTest, WritesWhatProtobufReads) {
  for (unsigned seed = 0; seed < kMessages; ++seed) {
    const Everything message = RandomMessage(seed).Make();
    const auto json = ToJson(message);
    ASSERT_TRUE(json.ok()) << seed << ": " << json.status();
    Everything back;
    const auto status = google::protobuf::util::JsonStringToMessage(*json, &back);
    ASSERT_TRUE(status.ok()) << seed << ": " << status.ToString() << "\n" << *json;
    ASSERT_EQ(Difference(back, message), "") << seed << ": " << *json;
  }
}

TEST(JsonDifferentialTest, ReadsWhatProtobufWrites) {
  for (unsigned seed = 0; seed < kMessages; ++seed) {
    const Everything message = RandomMessage(seed).Make();
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok()) << seed;
    const auto back = FromJson(json);
    ASSERT_TRUE(back.ok()) << seed << ": " << back.status() << "\n" << json;
    ASSERT_EQ(Difference(*back, message), "") << seed << ": " << json;
  }
}

TEST(JsonDifferentialTest, ReadsWhatItWrites) {
  for (unsigned seed = 0; seed < kMessages; ++seed) {
    const Everything message = RandomMessage(seed).Make();
    const auto json = ToJson(message);
    ASSERT_TRUE(json.ok()) << seed << ": " << json.status();
    const auto back = FromJson(*json);
    ASSERT_TRUE(back.ok()) << seed << ": " << back.status() << "\n" << *json;
    ASSERT_EQ(Difference(*back, message), "") << seed << ": " << *json;
  }
}

// A text with one byte changed, taken away or doubled: nobody crashes, and what both take means the same.
TEST(JsonDifferentialTest, AgreesWithProtobufOnDamagedTexts) {
  int both = 0;
  for (unsigned seed = 0; seed < kTexts; ++seed) {
    std::mt19937 random(seed);
    std::string json = ToJson(RandomMessage(seed % 100).Make()).value();
    const size_t place = random() % json.size();
    constexpr absl::string_view kBytes = "{}[]\",:\\0123456789-+eE.ntfu \n";
    switch (random() % 3) {
      case 0:
        json[place] = kBytes[random() % kBytes.size()];
        break;
      case 1:
        json.erase(place, 1);
        break;
      default:
        json.insert(place, 1, json[place]);
    }
    const auto ours = FromJson(json);
    if (!ours.ok() || absl::StrContains(json, "-0") || absl::StrContains(json, "fieldMask")) continue;
    Everything theirs;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    if (!google::protobuf::util::JsonStringToMessage(json, &theirs, options).ok()) continue;
    ++both;
    ASSERT_EQ(Difference(*ours, theirs), "") << seed << ": " << json;
  }
  EXPECT_GT(both, kTexts / 20);
}

// The same bytes with the fields of each message in any order, in pieces, and with values to be replaced.
TEST(JsonDifferentialTest, ReadsBytesInNoOrderAsAParserDoes) {
  for (unsigned seed = 0; seed < kMessages; ++seed) {
    std::mt19937 random(seed);
    std::string wire;
    for (int part = 0; part < 3; ++part)
      wire += RandomMessage(3 * seed + part % 3).Make().SerializeAsString();
    Everything message;
    ASSERT_TRUE(message.ParseFromString(wire));
    const auto json = JsonOfWire(wire);
    ASSERT_TRUE(json.ok()) << seed << ": " << json.status();
    const auto back = FromJson(*json);
    ASSERT_TRUE(back.ok()) << seed << ": " << back.status();
    ASSERT_EQ(Difference(*back, message), "") << seed << ": " << *json;
  }
}

}  // namespace
}  // namespace arasta::gateway
