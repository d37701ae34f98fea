// One field of a message: as a body is mapped to it, and as it stands in a path or a query.
#include "tests/support/matchers.h"
#include "tests/unit/gateway/json_fixture.h"

namespace arasta::gateway {
namespace {

using absl::StatusCode;
using arasta::testing::EqualsProto;
using arasta::testing::IsOkAndHolds;
using arasta::testing::StatusIs;

const google::protobuf::FieldDescriptor& FieldOf(const char* name) {
  return *Everything::descriptor()->FindFieldByName(name);
}

absl::StatusOr<Everything> Parsed(const absl::Status& status, const std::string& wire) {
  RETURN_IF_ERROR(status);
  Everything message;
  if (!message.ParseFromString(wire)) return absl::InternalError("what was written is no message");
  return message;
}

absl::StatusOr<Everything> FromFieldJson(const char* field, absl::string_view json) {
  std::string wire;
  const absl::Status status = Mapping().FieldToWire(FieldOf(field), json, wire);
  return Parsed(status, wire);
}

absl::StatusOr<std::string> FieldJson(const char* field, const std::string& wire) {
  std::string json;
  RETURN_IF_ERROR(Mapping().FieldToJson(FieldOf(field), wire, json));
  return json;
}

absl::StatusOr<Everything> FromFieldText(const char* field, absl::string_view text) {
  std::string wire;
  const absl::Status status = Mapping().TextToWire(FieldOf(field), text, wire);
  return Parsed(status, wire);
}

TEST(JsonFieldTest, IsReadFromAValueOfItsOwn) {
  EXPECT_THAT(FromFieldJson("nested", R"( {"number":1} )"),
              IsOkAndHolds(EqualsProto("nested { number: 1 }")));
  EXPECT_THAT(FromFieldJson("nesteds", R"([{"number":1},{}])"),
              IsOkAndHolds(EqualsProto("nesteds { number: 1 } nesteds {}")));
  EXPECT_THAT(FromFieldJson("string_map", R"({"a":"b"})"),
              IsOkAndHolds(EqualsProto("string_map { key: 'a' value: 'b' }")));
  EXPECT_THAT(FromFieldJson("int32s", "[1,2]"), IsOkAndHolds(EqualsProto("int32s: [1, 2]")));
  EXPECT_THAT(FromFieldJson("string_value", R"("a")"), IsOkAndHolds(EqualsProto("string_value: 'a'")));
  EXPECT_THAT(FromFieldJson("value", "null"), IsOkAndHolds(EqualsProto("value { null_value: NULL_VALUE }")));
  for (const char* field : {"nested", "nesteds", "string_map", "int32_value", "timestamp"}) {
    EXPECT_THAT(FromFieldJson(field, "null"), IsOkAndHolds(EqualsProto("")));
  }
}

TEST(JsonFieldTest, IsNamedWhereItsValueIsWrong) {
  EXPECT_THAT(FromFieldJson("nested", R"({"numbers":[1,"a"]})"),
              StatusIs(StatusCode::kInvalidArgument, "nested.numbers[1]: is not an int32"));
  EXPECT_THAT(FromFieldJson("nested", "{} {}"), StatusIs(StatusCode::kInvalidArgument));
}

TEST(JsonFieldTest, IsWrittenOnItsOwn) {
  const std::string wire =
      FromText(
          "int32_value: 5 string_value: 'a' nested { number: 1 } nesteds {} int32s: [1, 2] "
          "string_map { key: 'a' value: 'b' } timestamp { seconds: 1 }")
          .SerializeAsString();
  EXPECT_THAT(FieldJson("int32_value", wire), IsOkAndHolds(std::string("5")));
  EXPECT_THAT(FieldJson("string_value", wire), IsOkAndHolds(std::string("\"a\"")));
  EXPECT_THAT(FieldJson("nested", wire), IsOkAndHolds(std::string(R"({"number":1})")));
  EXPECT_THAT(FieldJson("nesteds", wire), IsOkAndHolds(std::string("[{}]")));
  EXPECT_THAT(FieldJson("int32s", wire), IsOkAndHolds(std::string("[1,2]")));
  EXPECT_THAT(FieldJson("string_map", wire), IsOkAndHolds(std::string(R"({"a":"b"})")));
  EXPECT_THAT(FieldJson("timestamp", wire), IsOkAndHolds(std::string("\"1970-01-01T00:00:01Z\"")));
}

TEST(JsonFieldTest, IsWrittenAsItsDefaultWhereItLacks) {
  EXPECT_THAT(FieldJson("int32_value", ""), IsOkAndHolds(std::string("0")));
  EXPECT_THAT(FieldJson("int64_value", ""), IsOkAndHolds(std::string("\"0\"")));
  EXPECT_THAT(FieldJson("string_value", ""), IsOkAndHolds(std::string("\"\"")));
  EXPECT_THAT(FieldJson("bool_value", ""), IsOkAndHolds(std::string("false")));
  EXPECT_THAT(FieldJson("colour", ""), IsOkAndHolds(std::string("\"COLOUR_UNSPECIFIED\"")));
  EXPECT_THAT(FieldJson("nested", ""), IsOkAndHolds(std::string("{}")));
  EXPECT_THAT(FieldJson("nesteds", ""), IsOkAndHolds(std::string("[]")));
  EXPECT_THAT(FieldJson("string_map", ""), IsOkAndHolds(std::string("{}")));
  EXPECT_THAT(FieldJson("timestamp", ""), IsOkAndHolds(std::string("null")));
  EXPECT_THAT(FieldJson("int32_wrapper", ""), IsOkAndHolds(std::string("null")));
}

TEST(JsonFieldTest, IsWrittenOnItsOwnOutOfBytesInNoOrder) {
  const std::string wire = FromText("nested { number: 1 } chosen_int32: 1").SerializeAsString() +
                           FromText("nested { text_value: 'a' } chosen_string: 'b'").SerializeAsString();
  EXPECT_THAT(FieldJson("nested", wire), IsOkAndHolds(std::string(R"({"number":1,"textValue":"a"})")));
  EXPECT_THAT(FieldJson("chosen_int32", wire), IsOkAndHolds(std::string("0")));
  EXPECT_THAT(FieldJson("nested", "\x8a\x01\x05"), StatusIs(StatusCode::kInvalidArgument));
}

TEST(JsonFieldTest, IsReadFromText) {
  EXPECT_THAT(FromFieldText("string_value", "a \"b\""), IsOkAndHolds(EqualsProto("string_value: 'a \"b\"'")));
  EXPECT_THAT(FromFieldText("string_value", ""), IsOkAndHolds(EqualsProto("")));
  EXPECT_THAT(FromFieldText("maybe_string", ""), IsOkAndHolds(EqualsProto("maybe_string: ''")));
  EXPECT_THAT(FromFieldText("bytes_value", "YQ"), IsOkAndHolds(EqualsProto("bytes_value: 'a'")));
  EXPECT_THAT(FromFieldText("int32_value", "-5"), IsOkAndHolds(EqualsProto("int32_value: -5")));
  EXPECT_THAT(FromFieldText("uint64_value", "5"), IsOkAndHolds(EqualsProto("uint64_value: 5")));
  EXPECT_THAT(FromFieldText("double_value", "Infinity"), IsOkAndHolds(EqualsProto("double_value: inf")));
  EXPECT_THAT(FromFieldText("bool_value", "true"), IsOkAndHolds(EqualsProto("bool_value: true")));
  EXPECT_THAT(FromFieldText("maybe_bool", "false"), IsOkAndHolds(EqualsProto("maybe_bool: false")));
  EXPECT_THAT(FromFieldText("colour", "COLOUR_BLUE"), IsOkAndHolds(EqualsProto("colour: COLOUR_BLUE")));
  EXPECT_THAT(FromFieldText("colour", "2"), IsOkAndHolds(EqualsProto("colour: COLOUR_BLUE")));
  EXPECT_THAT(FromFieldText("timestamp", "1970-01-01T00:00:05Z"),
              IsOkAndHolds(EqualsProto("timestamp { seconds: 5 }")));
  EXPECT_THAT(FromFieldText("duration", "1.5s"),
              IsOkAndHolds(EqualsProto("duration { seconds: 1 nanos: 500000000 }")));
  EXPECT_THAT(FromFieldText("field_mask", "a,bC"),
              IsOkAndHolds(EqualsProto("field_mask { paths: 'a' paths: 'b_c' }")));
  EXPECT_THAT(FromFieldText("int64_wrapper", "0"), IsOkAndHolds(EqualsProto("int64_wrapper {}")));
  EXPECT_THAT(FromFieldText("string_wrapper", "a"),
              IsOkAndHolds(EqualsProto("string_wrapper { value: 'a' }")));
}

// As `?int32s=0&int32s=1` comes: a call for each.
TEST(JsonFieldTest, IsAddedToByEveryText) {
  std::string wire;
  for (const char* text : {"0", "1"}) {
    ASSERT_TRUE(Mapping().TextToWire(FieldOf("int32s"), text, wire).ok());
    ASSERT_TRUE(Mapping().TextToWire(FieldOf("strings"), text, wire).ok());
  }
  EXPECT_THAT(Parsed(absl::OkStatus(), wire),
              IsOkAndHolds(EqualsProto("int32s: [0, 1] strings: ['0', '1']")));
}

TEST(JsonFieldTest, RefusesTextThatStandsForNothing) {
  EXPECT_THAT(FromFieldText("int32_value", "a"),
              StatusIs(StatusCode::kInvalidArgument, "int32_value: is not an int32"));
  EXPECT_THAT(FromFieldText("int32_value", ""), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(FromFieldText("bool_value", "1"), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(FromFieldText("colour", "RED"), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(FromFieldText("string_value", "\xff"),
              StatusIs(StatusCode::kInvalidArgument, "string_value: is not UTF-8"));
  EXPECT_THAT(FromFieldText("timestamp", "now"), StatusIs(StatusCode::kInvalidArgument));
  for (const char* field : {"nested", "string_map", "struct", "value", "any"}) {
    EXPECT_THAT(FromFieldText(field, "a"), StatusIs(StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace arasta::gateway
