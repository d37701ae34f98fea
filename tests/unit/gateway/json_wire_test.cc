// Wire bytes that are not as a serializer would write them: what a parser makes of them is what JSON says.
#include "absl/strings/str_cat.h"
#include "services/gateway/json/wire.h"
#include "tests/support/matchers.h"
#include "tests/unit/gateway/json_fixture.h"

namespace arasta::gateway {
namespace {

using absl::StatusCode;
using arasta::testing::IsOkAndHolds;
using arasta::testing::StatusIs;
using ::testing::HasSubstr;

// The wire of messages in text format, one after the other.
std::string Wire(std::initializer_list<const char*> texts) {
  std::string wire;
  for (const char* text : texts) wire += FromText(text).SerializeAsString();
  return wire;
}

std::string Field(uint32_t number, absl::string_view bytes) {
  char head[kMaxTagBytes + kMaxVarintBytes];
  char* end = WriteVarint(bytes.size(), WriteVarint(TagOf(number, WireType::kBytes), head));
  return absl::StrCat(absl::string_view(head, static_cast<size_t>(end - head)), bytes);
}

TEST(JsonWireTest, TakesTheLastOfSeveralValues) {
  EXPECT_THAT(JsonOfWire(Wire({"int32_value: 1", "string_value: 'a'", "int32_value: 2"})),
              IsOkAndHolds(std::string(R"({"int32Value":2,"stringValue":"a"})")));
  EXPECT_THAT(JsonOfWire(Wire({"maybe_int32: 1", "maybe_int32: 0"})),
              IsOkAndHolds(std::string(R"({"maybeInt32":0})")));
}

TEST(JsonWireTest, JoinsListsThatCameInPieces) {
  EXPECT_THAT(JsonOfWire(Wire({"strings: 'a'", "int32_value: 1", "strings: ['b', 'c']"})),
              IsOkAndHolds(std::string(R"({"int32Value":1,"strings":["a","b","c"]})")));
  EXPECT_THAT(JsonOfWire(Wire({"int32s: [1, 2]", "int32_value: 1", "int32s: 3"})),
              IsOkAndHolds(std::string(R"({"int32Value":1,"int32s":[1,2,3]})")));
}

TEST(JsonWireTest, ReadsListsPackedOrNot) {
  const std::string packed = Field(48, "\1\2");                         // declared as unpacked
  const std::string unpacked = std::string("\x88\x02\5\x88\x02\6", 6);  // int32s, declared as packed
  EXPECT_THAT(JsonOfWire(packed + Wire({"unpacked_int32s: 3"})),
              IsOkAndHolds(std::string(R"({"unpackedInt32s":[1,2,3]})")));
  EXPECT_THAT(JsonOfWire(Wire({"int32s: 4"}) + unpacked), IsOkAndHolds(std::string(R"({"int32s":[4,5,6]})")));
  EXPECT_THAT(JsonOfWire(Field(33, "")), IsOkAndHolds(std::string("{}")));
}

TEST(JsonWireTest, MergesMessagesThatCameInParts) {
  EXPECT_THAT(JsonOfWire(Wire({"nested { number: 1 numbers: 1 inner { number: 5 } }", "int32_value: 1",
                               "nested { number: 2 numbers: 2 inner { text_value: 'a' } }"})),
              IsOkAndHolds(std::string(R"({"int32Value":1,"nested":{"number":2,)"
                                       R"("inner":{"number":5,"textValue":"a"},"numbers":[1,2]}})")));
  EXPECT_THAT(JsonOfWire(Wire({"timestamp { seconds: 1 nanos: 500000000 }", "timestamp { seconds: 2 }"})),
              IsOkAndHolds(std::string(R"({"timestamp":"1970-01-01T00:00:02.500Z"})")));
  EXPECT_THAT(JsonOfWire(Wire({"struct { fields { key: 'a' value { bool_value: true } } }",
                               "struct { fields { key: 'b' value {} } }"})),
              IsOkAndHolds(std::string(R"({"struct":{"a":true,"b":null}})")));
}

TEST(JsonWireTest, KeepsOfAOneofWhatWasChosenLast) {
  EXPECT_THAT(JsonOfWire(Wire({"chosen_int32: 1", "chosen_string: 'a'"})),
              IsOkAndHolds(std::string(R"({"chosenString":"a"})")));
  EXPECT_THAT(JsonOfWire(Wire({"chosen_nested { number: 1 }", "chosen_nested { text_value: 'a' }"})),
              IsOkAndHolds(std::string(R"({"chosenNested":{"number":1,"textValue":"a"}})")));
  // The choice of another one in between threw the first part away.
  EXPECT_THAT(JsonOfWire(Wire(
                  {"chosen_nested { number: 1 }", "chosen_int32: 1", "chosen_nested { text_value: 'a' }"})),
              IsOkAndHolds(std::string(R"({"chosenNested":{"textValue":"a"}})")));
}

TEST(JsonWireTest, KeepsOfAMapTheLastValueOfAKey) {
  EXPECT_THAT(JsonOfWire(Wire({"string_map { key: 'a' value: '1' }", "string_map { key: 'b' value: '2' }",
                               "string_map { key: 'a' value: '3' }"})),
              IsOkAndHolds(std::string(R"({"stringMap":{"b":"2","a":"3"}})")));
}

TEST(JsonWireTest, ReadsMapEntriesThatLackAPartOrHaveOneTwice) {
  EXPECT_THAT(JsonOfWire(Field(51, "")), IsOkAndHolds(std::string(R"({"stringMap":{"":""}})")));
  EXPECT_THAT(JsonOfWire(Field(52, "\x10\5")), IsOkAndHolds(std::string(R"({"int32Map":{"0":5}})")));
  EXPECT_THAT(JsonOfWire(Field(52, "\x10\5\x08\7\x08\6")),
              IsOkAndHolds(std::string(R"({"int32Map":{"6":5}})")));
  EXPECT_THAT(JsonOfWire(Field(57, "\x08\1")),
              IsOkAndHolds(std::string(R"({"sint64Map":{"-1":"COLOUR_UNSPECIFIED"}})")));
  EXPECT_THAT(JsonOfWire(Field(63, "\x0a\1a")), IsOkAndHolds(std::string(R"({"nestedMap":{"a":{}}})")));
  EXPECT_THAT(JsonOfWire(Field(63, absl::StrCat("\x0a\1a", Field(2, "\x08\1"), Field(2, "\x12\1b")))),
              IsOkAndHolds(std::string(R"({"nestedMap":{"a":{"number":1,"textValue":"b"}}})")));
}

TEST(JsonWireTest, SkipsWhatItDoesNotKnow) {
  const std::string int32_value = Wire({"int32_value: 1"});
  for (const std::string& unknown :
       {std::string("\xf8\x3f\1", 3), Field(2000, "tea"), std::string("\xfb\x3f\xf8\x3f\1\xfc\x3f", 7),
        std::string("\xf9\x3f\0\0\0\0\0\0\0\0", 10), std::string("\xfd\x3f\0\0\0\0", 6),
        Field(3, "of another wire type"), std::string("\x70\1", 2)}) {
    EXPECT_THAT(JsonOfWire(unknown + int32_value + unknown),
                IsOkAndHolds(std::string(R"({"int32Value":1})")));
  }
}

TEST(JsonWireTest, LeavesOutDefaultsThatWereSent) {
  EXPECT_THAT(JsonOfWire(std::string("\x18\0\x72\0\x68\0", 6)), IsOkAndHolds(std::string("{}")));
}

TEST(JsonWireTest, CutsValuesToTheirTypes) {
  EXPECT_THAT(JsonOfWire("\x18\xff\xff\xff\xff\x0f"), IsOkAndHolds(std::string(R"({"int32Value":-1})")));
  EXPECT_THAT(JsonOfWire("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
              IsOkAndHolds(std::string(R"({"int32Value":-1})")));
  EXPECT_THAT(JsonOfWire("\x68\x80\x01"), IsOkAndHolds(std::string(R"({"boolValue":true})")));
}

TEST(JsonWireTest, RefusesWhatIsNoWire) {
  for (const std::string& wire :
       {std::string("\x18", 1), std::string("\x18\x80", 2), std::string("\x72\5ab", 4),
        std::string("\0\0", 2), std::string("\x1f\1", 2), std::string("\x09\1", 2),
        std::string("\xfb\x3f", 2), std::string("\xfc\x3f", 2), std::string("\xfb\x3f\x1c", 3),
        std::string("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12)}) {
    EXPECT_THAT(JsonOfWire(wire), StatusIs(StatusCode::kInvalidArgument, HasSubstr("is no wire format")));
  }
  EXPECT_THAT(
      JsonOfWire(Field(17, Field(3, "\x12\5a"))),
      StatusIs(StatusCode::kInvalidArgument, "nested.inner.text_value: is no wire format of protobuf"));
}

TEST(JsonWireTest, RefusesWhatJsonCannotHold) {
  EXPECT_THAT(JsonOfWire(Field(44, "a") + Field(44, "\xff")),
              StatusIs(StatusCode::kInvalidArgument, "strings[1]: is not UTF-8"));
  EXPECT_THAT(JsonOfWire(Wire({"timestamp { seconds: 253402300800 }"})),
              StatusIs(StatusCode::kInvalidArgument, "timestamp: is out of range"));
  EXPECT_THAT(JsonOfWire(Wire({"timestamp { nanos: -1 }"})), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(JsonOfWire(Wire({"duration { seconds: 1 nanos: -1 }"})),
              StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(JsonOfWire(Wire({"value { number_value: nan }"})),
              StatusIs(StatusCode::kInvalidArgument, "value: is not a finite number"));
  for (const char* path : {"camelCase", "a__b", "a_1", "a_", "_.b", "", "a,b"}) {
    EXPECT_THAT(JsonOfWire(Wire({absl::StrCat("field_mask { paths: '", path, "' }").c_str()})),
                StatusIs(StatusCode::kInvalidArgument, "field_mask: has a path that JSON cannot hold"));
  }
  EXPECT_THAT(JsonOfWire(Wire({"any { type_url: 'a/no.such.Type' }"})),
              StatusIs(StatusCode::kInvalidArgument, "any: has a type that is not known here"));
  EXPECT_THAT(JsonOfWire(Wire({"any { value: 'a' }"})),
              StatusIs(StatusCode::kInvalidArgument, "any: has no type"));
}

TEST(JsonWireTest, NestsAHundredMessagesDeep) {
  const auto nested = [](int depth) {
    std::string wire;
    for (int i = 0; i < depth; ++i) wire = Field(18, wire);
    return wire;
  };
  EXPECT_THAT(JsonOfWire(nested(100)), arasta::testing::IsOk());
  EXPECT_THAT(JsonOfWire(nested(101)),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("everything: is nested too deeply")));
}

// A message in parts at every level: the work must not double with each.
TEST(JsonWireTest, MergesAtEveryLevel) {
  std::string wire;
  for (int i = 0; i < 90; ++i) wire = absl::StrCat(Field(18, wire), Wire({"int32_value: 1"}), Field(18, ""));
  EXPECT_THAT(JsonOfWire(wire), arasta::testing::IsOk());
}

}  // namespace
}  // namespace arasta::gateway
