// What message a REST request stands for.
#include "services/gateway/rest/rest_request.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/rest_table.h"

namespace arasta::gateway {
namespace {

using arasta::testing::HasViolation;
using arasta::testing::RestTable;
using arasta::testing::v1::Everything;
using ::testing::HasSubstr;

absl::StatusOr<Everything> Read(absl::string_view http_method, absl::string_view target,
                                absl::string_view body = "") {
  const RouteTable& table = RestTable();
  const size_t mark = std::min(target.find('?'), target.size());
  const PathMatch match = table.rest().Find(http_method, target.substr(0, mark));
  if (!match.rule) return absl::NotFoundError(target);
  const RestBinding& binding = table.rest().bindings()[*match.rule];
  std::string wire;
  absl::Status status = BodyToWire(binding, body, table.json(), wire);
  if (!status.ok()) return status;
  const absl::string_view query = mark == target.size() ? "" : target.substr(mark + 1);
  status = ParametersToWire(binding, match.variables, query, table.json(), wire);
  if (!status.ok()) return status;
  Everything message;
  EXPECT_TRUE(message.ParseFromString(wire)) << target;
  return message;
}

struct Good {
  const char* target;  // of GET, under /v1/things:watch where it begins with '?'
  const char* message;
};

constexpr Good kGood[] = {
    {"?", ""},
    {"?&&", ""},
    // Numbers.
    {"?int32_value=1", "int32_value: 1"},
    {"?int32Value=-1", "int32_value: -1"},
    {"?int64_value=9223372036854775807", "int64_value: 9223372036854775807"},
    {"?uint32_value=4294967295", "uint32_value: 4294967295"},
    {"?uint64_value=18446744073709551615", "uint64_value: 18446744073709551615"},
    {"?sint32_value=-5", "sint32_value: -5"},
    {"?sint64_value=-5", "sint64_value: -5"},
    {"?fixed32_value=5", "fixed32_value: 5"},
    {"?fixed64_value=5", "fixed64_value: 5"},
    {"?sfixed32_value=-5", "sfixed32_value: -5"},
    {"?sfixed64_value=-5", "sfixed64_value: -5"},
    {"?double_value=1.5", "double_value: 1.5"},
    {"?double_value=-1e-3", "double_value: -0.001"},
    {"?float_value=2.25", "float_value: 2.25"},
    {"?double_value=Infinity", "double_value: inf"},
    // Text, enums and booleans.
    {"?bool_value=true", "bool_value: true"},
    {"?string_value=tea", "string_value: 'tea'"},
    {"?string_value=a+b%20c%2Bd", "string_value: 'a b c+d'"},
    {"?string_value=gr%C3%BCn", "string_value: 'gr\\303\\274n'"},
    {"?string_value=a=b", "string_value: 'a=b'"},
    {"?string_value=%26%3D", "string_value: '&='"},
    {"?string%5Fvalue=tea", "string_value: 'tea'"},
    {"?bytes_value=aGk%3D", "bytes_value: 'hi'"},
    {"?bytes_value=-_8", "bytes_value: '\\373\\377'"},
    {"?colour=COLOUR_BLUE", "colour: COLOUR_BLUE"},
    {"?colour=2", "colour: COLOUR_BLUE"},
    {"?otherName=x", "renamed: 'x'"},
    {"?renamed=x", "renamed: 'x'"},
    {"?far_away=1", "far_away: 1"},
    // What is empty or zero is there all the same where that makes a difference.
    {"?maybe_int32=0", "maybe_int32: 0"},
    {"?maybe_string=", "maybe_string: ''"},
    {"?maybe_string", "maybe_string: ''"},
    {"?maybe_bool=false", "maybe_bool: false"},
    // Lists.
    {"?int32s=1&int32s=2&int32s=1", "int32s: [1, 2, 1]"},
    {"?strings=a&strings=&strings=b", "strings: ['a', '', 'b']"},
    {"?colours=COLOUR_RED&colours=COLOUR_BLUE", "colours: [COLOUR_RED, COLOUR_BLUE]"},
    {"?unpacked_int32s=1&unpackedInt32s=2", "unpacked_int32s: [1, 2]"},
    {"?nested.numbers=1&nested.numbers=2", "nested { numbers: [1, 2] }"},
    // Nested fields.
    {"?nested.number=1", "nested { number: 1 }"},
    {"?nested.number=1&nested.textValue=a", "nested { number: 1 text_value: 'a' }"},
    {"?nested.inner.inner.number=3&nested.number=1", "nested { number: 1 inner { inner { number: 3 } } }"},
    {"?everything.nested.text_value=", "everything { nested {} }"},
    // Messages that are one text.
    {"?timestamp=2026-01-02T03:04:05Z", "timestamp { seconds: 1767323045 }"},
    {"?timestamp=2026-01-02T03:04:05.5%2B01:00", "timestamp { seconds: 1767319445 nanos: 500000000 }"},
    {"?duration=1.5s", "duration { seconds: 1 nanos: 500000000 }"},
    {"?field_mask=title,priceList.amount", "field_mask { paths: ['title', 'price_list.amount'] }"},
    {"?timestamps=1970-01-01T00:00:01Z&timestamps=1970-01-01T00:00:02Z",
     "timestamps { seconds: 1 } timestamps { seconds: 2 }"},
    {"?int32_wrapper=0", "int32_wrapper {}"},
    {"?int32_wrapper=7", "int32_wrapper { value: 7 }"},
    {"?int64_wrapper=-7", "int64_wrapper { value: -7 }"},
    {"?bool_wrapper=true", "bool_wrapper { value: true }"},
    {"?string_wrapper=null", "string_wrapper { value: 'null' }"},
    {"?bytes_wrapper=aGk", "bytes_wrapper { value: 'hi' }"},
    {"?double_wrapper=0.5", "double_wrapper { value: 0.5 }"},
    // Choices.
    {"?chosen_int32=0", "chosen_int32: 0"},
    {"?chosen_nested.number=1&chosen_nested.text_value=a", "chosen_nested { number: 1 text_value: 'a' }"},
    // Paths.
    {"/v1/things/tea", "string_value: 'things/tea'"},
    {"/v1/things/tea?int32_value=1", "string_value: 'things/tea' int32_value: 1"},
    {"/v1/typed/-7/true/COLOUR_RED/2026-01-02T03:04:05Z",
     "int32_value: -7 bool_value: true colour: COLOUR_RED timestamp { seconds: 1767323045 }"},
    {"/v1/files/a/b", "nested { inner { text_value: 'a/b' } }"},
    {"/v1/files", "nested { inner {} }"},
    {"/v1/files/a?nested.number=1&nested.inner.number=2",
     "nested { number: 1 inner { text_value: 'a' number: 2 } }"},
};

TEST(RestRequestTest, ReadsPathsAndQueries) {
  for (const Good& row : kGood) {
    const std::string target = absl::StrCat(row.target[0] == '?' ? "/v1/things:watch" : "", row.target);
    const auto message = Read("GET", target);
    ASSERT_TRUE(message.ok()) << target << ": " << message.status();
    EXPECT_THAT(*message, arasta::testing::EqualsProto(std::string(row.message))) << target;
  }
}

struct Bad {
  const char* query;
  const char* field;
  const char* what;
};

constexpr Bad kBad[] = {
    {"int32_value=x", "int32_value", ""},
    {"int32_value=", "int32_value", ""},
    {"int32_value=2147483648", "int32_value", ""},
    {"int32Value=1.5", "int32_value", ""},
    {"uint32_value=-1", "uint32_value", ""},
    {"double_value=abc", "double_value", ""},
    {"bool_value=maybe", "bool_value", ""},
    {"colour=MAUVE", "colour", ""},
    {"bytes_value=!", "bytes_value", ""},
    {"timestamp=yesterday", "timestamp", ""},
    {"duration=5", "duration", ""},
    {"nested.number=x", "nested.number", ""},
    {"nested.inner.number=x", "nested.inner.number", ""},
    {"string_value=%FF", "string_value", ""},
    // Names.
    {"colr=1", "colr", "is not a parameter"},
    {"Colour=1", "Colour", "is not a parameter"},
    {"=1", "", "is not a parameter"},
    {"nested=1", "nested", "does not fit"},
    {"nested.colour=1", "nested.colour", "is not a parameter"},
    {"nested..number=1", "nested..number", "is not a parameter"},
    {"nested.=1", "nested.", "is not a parameter"},
    {".nested=1", ".nested", "is not a parameter"},
    {"int32_value.x=1", "int32_value.x", "is not a parameter"},
    {"nesteds.number=1", "nesteds.number", "is not a parameter"},
    {"nesteds=1", "nesteds", "does not fit"},
    {"string_map=1", "string_map", "does not fit"},
    {"string_map.a=1", "string_map.a", "is not a parameter"},
    {"struct=1", "struct", "does not fit"},
    {"any=1", "any", "does not fit"},
    {"choice=1", "choice", "is not a parameter"},
    // Twice.
    {"int32_value=1&int32_value=1", "int32_value", "is there twice"},
    {"int32_value=1&int32Value=2", "int32_value", "is there twice"},
    {"nested.number=1&nested.number=2", "nested.number", "is there twice"},
    {"timestamp=1970-01-01T00:00:01Z&timestamp=1970-01-01T00:00:01Z", "timestamp", "is there twice"},
    {"chosen_int32=1&chosen_string=a", "chosen_string", "exclude each other"},
    // No URL.
    {"string_value=%", "query", "percent"},
    {"string_value=%zz", "query", "percent"},
    {"%zz=1", "query", "percent"},
    {"%FF=1", "query", "percent"},
};

TEST(RestRequestTest, NamesWhatIsWrongWithAQuery) {
  for (const Bad& row : kBad) {
    const auto message = Read("GET", absl::StrCat("/v1/things:watch?", row.query));
    EXPECT_EQ(message.status().code(), absl::StatusCode::kInvalidArgument) << row.query;
    EXPECT_THAT(message, HasViolation(std::string(row.field))) << row.query;
    EXPECT_THAT(std::string(message.status().message()), HasSubstr(row.what)) << row.query;
  }
}

TEST(RestRequestTest, LooksIntoMessagesOnlySoDeep) {
  std::string name = "everything";
  for (int i = 0; i < 29; ++i) name += ".everything";
  EXPECT_TRUE(Read("GET", absl::StrCat("/v1/things:watch?", name, ".int32_value=1")).ok());
  EXPECT_FALSE(
      Read("GET", absl::StrCat("/v1/things:watch?", name, ".everything.everything.int32_value=1")).ok());
}

TEST(RestRequestTest, ClipsAnUnknownName) {
  const auto message = Read("GET", absl::StrCat("/v1/things:watch?", std::string(5000, 'x'), "=1"));
  EXPECT_LT(message.status().message().size(), 200u);
}

TEST(RestRequestTest, RefusesAPathThatIsNotItsType) {
  EXPECT_THAT(Read("GET", "/v1/typed/x/true/COLOUR_RED/2026-01-02T03:04:05Z"), HasViolation("int32_value"));
  EXPECT_THAT(Read("GET", "/v1/typed/1/true/COLOUR_RED/soon"), HasViolation("timestamp"));
}

TEST(RestRequestTest, KeepsWhatThePathSaysOutOfTheQuery) {
  EXPECT_THAT(Read("GET", "/v1/things/tea?string_value=coffee"), HasViolation("string_value"));
  EXPECT_THAT(Read("GET", "/v1/files/a?nested.inner.text_value=b"), HasViolation("nested.inner.text_value"));
}

TEST(RestRequestTest, MergesBodyPathAndQuery) {
  EXPECT_THAT(*Read("POST", "/v1/things", R"({"int32Value": 1, "nested": {"number": 2}})"),
              arasta::testing::EqualsProto("int32_value: 1 nested { number: 2 }"));
  EXPECT_THAT(*Read("PUT", "/v1/things/tea", R"({"int32Value": 1})"),
              arasta::testing::EqualsProto("int32_value: 1 string_value: 'things/tea'"));
  EXPECT_THAT(*Read("PATCH", "/v1/things/tea?int32_value=1", R"({"number": 2, "inner": {"number": 3}})"),
              arasta::testing::EqualsProto(
                  "int32_value: 1 nested { number: 2 text_value: 'things/tea' inner { number: 3 } }"));
  EXPECT_THAT(*Read("POST", "/v1/numbers?nested.number=7", "[1, 2]"),
              arasta::testing::EqualsProto("nested { number: 7 numbers: [1, 2] }"));
  EXPECT_THAT(*Read("REPORT", "/v1/things?int32_value=1"), arasta::testing::EqualsProto("int32_value: 1"));
}

TEST(RestRequestTest, LetsThePathWinOverTheBody) {
  EXPECT_THAT(*Read("PUT", "/v1/things/tea", R"({"stringValue": "things/coffee"})"),
              arasta::testing::EqualsProto("string_value: 'things/tea'"));
  EXPECT_THAT(*Read("PATCH", "/v1/things/tea", R"({"textValue": "things/coffee"})"),
              arasta::testing::EqualsProto("nested { text_value: 'things/tea' }"));
}

TEST(RestRequestTest, TakesNoBodyForAnEmptyOne) {
  EXPECT_THAT(*Read("POST", "/v1/things"), arasta::testing::EqualsProto(""));
  EXPECT_THAT(*Read("PATCH", "/v1/things/tea"),
              arasta::testing::EqualsProto("nested { text_value: 'things/tea' }"));
}

TEST(RestRequestTest, KeepsWhatTheBodySaysOutOfTheQuery) {
  EXPECT_THAT(Read("POST", "/v1/things?int32_value=1", "{}"), HasViolation("int32_value"));
  EXPECT_THAT(Read("PATCH", "/v1/things/tea?nested.number=1", "{}"), HasViolation("nested.number"));
  EXPECT_THAT(Read("POST", "/v1/numbers?nested.numbers=1", "[]"), HasViolation("nested.numbers"));
}

TEST(RestRequestTest, NamesWhatIsWrongWithABody) {
  EXPECT_THAT(Read("GET", "/v1/things/tea", "{}"), HasViolation("body"));
  EXPECT_THAT(Read("POST", "/v1/things", R"({"int32Value": "x"})"), HasViolation("int32_value"));
  EXPECT_THAT(Read("POST", "/v1/things", R"({"nesteds": [{}, {"number": "x"}]})"),
              HasViolation("nesteds[1].number"));
  EXPECT_THAT(Read("PATCH", "/v1/things/tea", R"({"number": "x"})"), HasViolation("nested.number"));
  EXPECT_EQ(Read("POST", "/v1/things", "{").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace arasta::gateway
