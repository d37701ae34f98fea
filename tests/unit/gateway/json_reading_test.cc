// JSON that is not as we write it: what is read too, and what is refused, and how that is said.
#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/unit/gateway/json_fixture.h"

namespace arasta::gateway {
namespace {

using absl::StatusCode;
using arasta::testing::EqualsProto;
using arasta::testing::IsOkAndHolds;
using arasta::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Accepted {
  const char* json;
  const char* text;  // the message, as protobuf's text format has it
};

void PrintTo(const Accepted& accepted, std::ostream* out) {
  *out << accepted.json;
}

class JsonAcceptedTest : public ::testing::TestWithParam<Accepted> {};

TEST_P(JsonAcceptedTest, IsRead) {
  EXPECT_THAT(FromJson(GetParam().json), IsOkAndHolds(EqualsProto(FromText(GetParam().text))));
}

constexpr Accepted kAccepted[] = {
    {" { } ", ""},
    {"\t\r\n{\"int32Value\" :\n1\t}", "int32_value: 1"},
    {R"({"int32_value":1})", "int32_value: 1"},
    {R"({"\u0069nt32Value":1})", "int32_value: 1"},
    {R"({"renamed":"x"})", "renamed: \"x\""},
    {R"({"int32Value":"12"})", "int32_value: 12"},
    {R"({"int32Value":1e3})", "int32_value: 1000"},
    {R"({"int32Value":1.0})", "int32_value: 1"},
    {R"({"int32Value":1.50E+2})", "int32_value: 150"},
    {R"({"int32Value":100000e-5})", "int32_value: 1"},
    {R"({"int32Value":-0})", ""},
    {R"({"int32Value":0e999999999999})", ""},
    {R"({"int32Value":-2147483648.0})", "int32_value: -2147483648"},
    {R"({"int64Value":9223372036854775807})", "int64_value: 9223372036854775807"},
    {R"({"int64Value":-9.223372036854775808e18})", "int64_value: -9223372036854775808"},
    {R"({"int64Value":"1e2"})", "int64_value: 100"},
    {R"({"uint64Value":18446744073709551615})", "uint64_value: 18446744073709551615"},
    {R"({"uint64Value":-0})", ""},
    {R"({"doubleValue":"1.5"})", "double_value: 1.5"},
    {R"({"doubleValue":"-Infinity"})", "double_value: -inf"},
    {R"({"doubleValue":1e-400})", ""},
    {R"({"doubleValue":123456789012345678901234567890})", "double_value: 1.2345678901234568e29"},
    {R"({"floatValue":1e-60})", ""},
    {R"({"stringValue":"\u00e7\u8336\ud83c\udf75\/\u0000"})", "string_value: \"ç茶🍵/\\000\""},
    {R"({"bytesValue":"-_"})", "bytes_value: \"\\373\""},
    {R"({"bytesValue":"-_8"})", "bytes_value: \"\\373\\377\""},
    {R"({"bytesValue":"+/8="})", "bytes_value: \"\\373\\377\""},
    {R"({"bytesValue":"YQ"})", "bytes_value: \"a\""},
    {R"({"bytesValue":""})", ""},
    {R"({"colour":2})", "colour: COLOUR_BLUE"},
    {R"({"colour":-1.0})", "colour: COLOUR_NEGATIVE"},
    {R"({"colour":"COLOUR_CRIMSON"})", "colour: COLOUR_RED"},
    {R"({"colour":12345})", "colour: 12345"},
    {R"({"nullValue":null})", ""},
    {R"({"nullValue":"NULL_VALUE"})", ""},
    {R"({"chosenNull":"NULL_VALUE"})", "chosen_null: NULL_VALUE"},
    {R"({"chosenNull":0})", "chosen_null: NULL_VALUE"},
    {R"({"chosenInt32":null,"chosenString":"a"})", "chosen_string: \"a\""},
    {R"({"int32Value":null,"maybeInt32":null,"nested":null,"int32s":null,"stringMap":null,"colour":null})",
     ""},
    {R"({"timestamp":null,"struct":null,"listValue":null,"any":null,"boolWrapper":null,"empty":null})", ""},
    {R"({"value":null})", "value { null_value: NULL_VALUE }"},
    {R"({"int32s":[],"stringMap":{},"nesteds":[]})", ""},
    {R"({"int32s":["1",2.0]})", "int32s: [1, 2]"},
    {R"({"int32Map":{"1.0":2}})", "int32_map { key: 1 value: 2 }"},
    {R"({"what":1,"is":[{"this":{}},null,true,false,"a\n",-1.5e3],"int32Value":1})", "int32_value: 1"},
    {R"({"nested":{"what":{"a":[]}}})", "nested {}"},
    {R"({"timestamp":"2026-11-22T08:30:00+02:00"})", "timestamp { seconds: 1795329000 }"},
    {R"({"timestamp":"2026-11-22T06:30:00.1Z"})", "timestamp { seconds: 1795329000 nanos: 100000000 }"},
    {R"({"timestamp":"1970-01-01T00:00:00-23:59"})", "timestamp { seconds: 86340 }"},
    {R"({"duration":"1.5s"})", "duration { seconds: 1 nanos: 500000000 }"},
    {R"({"duration":"-0.5s"})", "duration { nanos: -500000000 }"},
    {R"({"duration":"315576000000s"})", "duration { seconds: 315576000000 }"},
    {R"({"value":1e2})", "value { number_value: 100 }"},
    {R"({"any":{"number":3,"@type":"a/arasta.testing.v1.Everything.Nested","unknown":1}})",
     "any { type_url: \"a/arasta.testing.v1.Everything.Nested\" value: \"\\010\\003\" }"},
    {R"({"any":{"value":"1.5s","@type":"a/google.protobuf.Duration"}})",
     "any { type_url: \"a/google.protobuf.Duration\" value: \"\\010\\001\\020\\200\\312\\265\\356\\001\" }"},
    {R"({"any":{"@type":"a/google.protobuf.Empty","value":{}}})",
     "any { type_url: \"a/google.protobuf.Empty\" }"},
};
INSTANTIATE_TEST_SUITE_P(Reading, JsonAcceptedTest, ::testing::ValuesIn(kAccepted));

struct Refused {
  const char* json;
  const char* message;
};

void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.json;
}

class JsonRefusedTest : public ::testing::TestWithParam<Refused> {};

TEST_P(JsonRefusedTest, SaysWhere) {
  EXPECT_THAT(FromJson(GetParam().json),
              StatusIs(StatusCode::kInvalidArgument, StartsWith(GetParam().message)));
}

constexpr Refused kNotJson[] = {
    {"", "is not an object"},
    {"null", "is not an object"},
    {"[]", "is not an object"},
    {"{", "not JSON at byte 1: a key is missing"},
    {"{}x", "not JSON at byte 2: something follows"},
    {"{} {}", "not JSON at byte 3: something follows"},
    {R"({"int32Value":1,})", "not JSON at byte 16: a key is missing"},
    {R"({"int32Value" 1})", "not JSON at byte 14: ':' is missing"},
    {R"({"int32Value":1 "boolValue":true})", "not JSON at byte 16: ',' or '}' is missing"},
    {R"({'int32Value':1})", "not JSON at byte 1: a key is missing"},
    {R"({int32Value:1})", "not JSON at byte 1: a key is missing"},
    {R"({"int32s":[1,]})", "int32s[1]: is not an int32"},
    {R"({"int32s":[1 2]})", "int32s: not JSON at byte 13: ',' or ']' is missing"},
    {R"({"x":[1,]})", "not JSON at byte 8: this is no value"},
    {R"({"x":nul})", "not JSON at byte 5: this is no value"},
    {R"({"x":NaN})", "not JSON at byte 5: this is no value"},
    {R"({"x":01})", "not JSON at byte 5: this is no value"},
    {R"({"x":+1})", "not JSON at byte 5: this is no value"},
    {R"({"x":1.})", "not JSON at byte 5: this is no value"},
    {R"({"x":.5})", "not JSON at byte 5: this is no value"},
    {R"({"x":1e})", "not JSON at byte 5: this is no value"},
    {R"({"x":-})", "not JSON at byte 5: this is no value"},
    {R"({"x":0x10})", "not JSON at byte 6: ',' or '}' is missing"},
    {R"({"x":1}// why)", "not JSON at byte 7: something follows"},
    {R"({/* why */"x":1})", "not JSON at byte 1: a key is missing"},
    {R"({"x":"a)", "not JSON at byte 7: the text ends within a string"},
    {"{\"x\":\"a\nb\"}", "not JSON at byte 7: a control character"},
    {R"({"x":"\x"})", "not JSON at byte 6: an escape is wrong"},
    {R"({"x":"\u12g4"})", "not JSON at byte 6: an escape is wrong"},
    {R"({"x":"\ud800"})", "not JSON at byte 6: an escape is wrong"},
    {R"({"x":"\ud800\u0041"})", "not JSON at byte 6: an escape is wrong"},
    {R"({"x":"\udc00"})", "not JSON at byte 6: an escape is wrong"},
    {"{\"x\":\"\xff\"}", "not JSON at byte 6: this is no UTF-8"},
    {"{\"x\":\"\xc0\x80\"}", "not JSON at byte 6: this is no UTF-8"},
    {"{\"x\":\"\xed\xa0\x80\"}", "not JSON at byte 6: this is no UTF-8"},
    {"{\"x\":\"\xf4\x90\x80\x80\"}", "not JSON at byte 6: this is no UTF-8"},
    {"{\"x\":\"\xe2\x82\"}", "not JSON at byte 6: this is no UTF-8"},
    {"\xef\xbb\xbf{}", "is not an object"},
};
INSTANTIATE_TEST_SUITE_P(NotJson, JsonRefusedTest, ::testing::ValuesIn(kNotJson));

constexpr Refused kWrongValues[] = {
    {R"({"int32Value":2147483648})", "int32_value: is not an int32"},
    {R"({"int32Value":1.5})", "int32_value: is not an int32"},
    {R"({"int32Value":1e-1})", "int32_value: is not an int32"},
    {R"({"int32Value":1e99999999999999999999})", "int32_value: is not an int32"},
    {R"({"int32Value":""})", "int32_value: is not an int32"},
    {R"({"int32Value":" 1"})", "int32_value: is not an int32"},
    {R"({"int32Value":"0x1"})", "int32_value: is not an int32"},
    {R"({"int32Value":"01"})", "int32_value: is not an int32"},
    {R"({"int32Value":"+1"})", "int32_value: is not an int32"},
    {R"({"int32Value":true})", "int32_value: is not an int32"},
    {R"({"int32Value":{}})", "int32_value: is not an int32"},
    {R"({"int32Value":[1]})", "int32_value: is not an int32"},
    {R"({"uint32Value":-1})", "uint32_value: is not a uint32"},
    {R"({"uint32Value":4294967296})", "uint32_value: is not a uint32"},
    {R"({"int64Value":9223372036854775808})", "int64_value: is not an int64"},
    {R"({"int64Value":"-9223372036854775809"})", "int64_value: is not an int64"},
    {R"({"uint64Value":18446744073709551616})", "uint64_value: is not a uint64"},
    {R"({"uint64Value":1e20})", "uint64_value: is not a uint64"},
    {R"({"doubleValue":1e400})", "double_value: is not a double"},
    {R"({"doubleValue":"1.5 "})", "double_value: is not a double"},
    {R"({"doubleValue":"nan"})", "double_value: is not a double"},
    {R"({"doubleValue":"inf"})", "double_value: is not a double"},
    {R"({"doubleValue":"+Infinity"})", "double_value: is not a double"},
    {R"({"floatValue":3.5e38})", "float_value: is not a float"},
    {R"({"boolValue":"true"})", "bool_value: is not a bool"},
    {R"({"boolValue":1})", "bool_value: is not a bool"},
    {R"({"boolValue":tru})", "bool_value: not JSON at byte 13: this is no value"},
    {R"({"stringValue":1})", "string_value: is not a string"},
    {R"({"bytesValue":1})", "bytes_value: is not a string"},
    {R"({"bytesValue":"a"})", "bytes_value: is not base64"},
    {R"({"bytesValue":"a==="})", "bytes_value: is not base64"},
    {R"({"bytesValue":"YQ="})", "bytes_value: is not base64"},
    {R"({"bytesValue":"Y Q="})", "bytes_value: is not base64"},
    {R"({"bytesValue":"YQ==YQ=="})", "bytes_value: is not base64"},
    {R"({"colour":"COLOUR_GREEN"})", "colour: is not one of the enum's values"},
    {R"({"colour":"colour_red"})", "colour: is not one of the enum's values"},
    {R"({"colour":"1"})", "colour: is not one of the enum's values"},
    {R"({"colour":2147483648})", "colour: is not one of the enum's values"},
    {R"({"nested":[]})", "nested: is not an object"},
    {R"({"nested":"a"})", "nested: is not an object"},
    {R"({"int32s":1})", "int32s: is not an array"},
    {R"({"int32s":[1,null]})", "int32s[1]: is not an int32"},
    {R"({"nesteds":[{},null]})", "nesteds[1]: is not an object"},
    {R"({"nesteds":[{},{"inner":{"numbers":[0,"a"]}}]})", "nesteds[1].inner.numbers[1]: is not an int32"},
    {R"({"stringMap":[]})", "string_map: is not an object"},
    {R"({"stringMap":{"a":null}})", "string_map[\"a\"]: is not a string"},
    {R"({"int32Map":{"a":1}})", "int32_map[\"a\"]: the key is not an int32"},
    {R"({"int32Map":{"1":"x"}})", "int32_map[\"1\"]: is not an int32"},
    {R"({"boolMap":{"True":"x"}})", "bool_map[\"True\"]: the key is not a bool"},
    {R"({"nestedMap":{"a":{"number":"x"}}})", "nested_map[\"a\"].number: is not an int32"},
    {R"({"int32Value":1,"int32Value":1})", "int32_value: is given twice"},
    {R"({"int32Value":1,"int32_value":1})", "int32_value: is given twice"},
    {R"({"int32s":[1],"int32s":[2]})", "int32s: is given twice"},
    {R"({"chosenInt32":1,"chosenString":"a"})", "chosen_string: stands beside another field of its oneof"},
    {R"({"chosenInt32":1,"chosenNull":null})", "chosen_null: stands beside another field of its oneof"},
    {R"({"stringMap":{"a":"x","b":"y","\u0061":"z"}})", "string_map: a key is given twice"},
    {R"({"int32Map":{"1":1,"1.0":1}})", "int32_map: a key is given twice"},
    {R"({"int32Map":{"0":1,"0":2}})", "int32_map: a key is given twice"},
    {R"({"struct":{"a":1,"a":2}})", "struct: a key is given twice"},
};
INSTANTIATE_TEST_SUITE_P(WrongValues, JsonRefusedTest, ::testing::ValuesIn(kWrongValues));

constexpr Refused kWrongWellKnown[] = {
    {R"({"timestamp":1})", "timestamp: is not a string"},
    {R"({"timestamp":""})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-11-22"})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-11-22T08:30:00"})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-11-22t08:30:00Z"})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-11-22T08:30:00z"})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-11-22 08:30:00Z"})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-02-29T08:30:00Z"})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-11-22T24:00:00Z"})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-11-22T08:30:60Z"})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-11-22T08:30:00.Z"})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-11-22T08:30:00.1234567890Z"})", "timestamp: is not a time"},
    {R"({"timestamp":"2026-11-22T08:30:00+24:00"})", "timestamp: is not a time"},
    {R"({"timestamp":"0000-01-01T00:00:00Z"})", "timestamp: is not a time"},
    {R"({"timestamp":"0001-01-01T00:00:00+00:01"})", "timestamp: is not a time"},
    {R"({"timestamp":"10000-01-01T00:00:00Z"})", "timestamp: is not a time"},
    {R"({"duration":"1"})", "duration: is not a duration"},
    {R"({"duration":"s"})", "duration: is not a duration"},
    {R"({"duration":"1m"})", "duration: is not a duration"},
    {R"({"duration":".5s"})", "duration: is not a duration"},
    {R"({"duration":"--1s"})", "duration: is not a duration"},
    {R"({"duration":"1.s"})", "duration: is not a duration"},
    {R"({"duration":"315576000000.1s"})", "duration: is not a duration"},
    {R"({"duration":"99999999999999999999s"})", "duration: is not a duration"},
    {R"({"fieldMask":"display_name"})", "field_mask: is not a list of paths"},
    {R"({"fieldMask":"a,,b"})", "field_mask: is not a list of paths"},
    {R"({"struct":[]})", "struct: is not an object"},
    {R"({"struct":{"a":{"b":[1,1e999]}}})", "struct[\"a\"][\"b\"][1]: is not a double"},
    {R"({"listValue":{}})", "list_value: is not an array"},
    {R"({"int32Wrapper":{"value":1}})", "int32_wrapper: is not an int32"},
    {R"({"int64Wrappers":[null]})", "int64_wrappers[0]: is not an int64"},
    {R"({"any":{"number":1}})", "any: @type is missing"},
    {R"({"any":{"@type":1}})", "any: @type is not a string"},
    {R"({"any":{"@type":""}})", "any: @type is empty"},
    {R"({"any":{"@type":"google.protobuf.Duration"}})", "any: @type is not one of the types"},
    {R"({"any":{"@type":"a/no.such.Type"}})",
     "any: @type is not one of the types known here: a/no.such.Type"},
    {R"({"any":{"@type":"a/google.protobuf.Duration"}})", "any: value is missing"},
    {R"({"any":{"@type":"a/google.protobuf.Duration","value":1}})", "any.value: is not a string"},
    {R"({"any":{"@type":"a/google.protobuf.Duration","value":"1s","value":"1s"}})",
     "any: value is given twice"},
    {R"({"any":{"@type":"a/google.protobuf.Empty","@type":"a/google.protobuf.Empty"}})",
     "any: @type is given twice"},
    {R"({"any":{"@type":"a/arasta.testing.v1.Everything.Nested","number":"x"}})",
     "any.number: is not an int32"},
};
INSTANTIATE_TEST_SUITE_P(WrongWellKnown, JsonRefusedTest, ::testing::ValuesIn(kWrongWellKnown));

std::string Repeat(absl::string_view piece, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) absl::StrAppend(&all, piece);
  return all;
}

TEST(JsonReadingTest, NestsAHundredMessagesDeep) {
  const auto nested = [](int depth) {
    return Repeat(R"({"everything":)", depth) + "{}" + Repeat("}", depth);
  };
  EXPECT_THAT(FromJson(nested(100)), arasta::testing::IsOk());
  EXPECT_THAT(FromJson(nested(101)),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("is nested too deeply")));
  EXPECT_THAT(FromJson(nested(100'000)),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("is nested too deeply")));
}

TEST(JsonReadingTest, NestsUnknownAndDynamicValuesAHundredDeep) {
  for (const char* field : {"unknown", "value"}) {
    const std::string json = absl::StrCat("{\"", field, "\":", Repeat("[", 100'000));
    EXPECT_THAT(FromJson(json), StatusIs(StatusCode::kInvalidArgument, HasSubstr("nested too deeply")));
  }
}

TEST(JsonReadingTest, ReadsBackWhatNeedsLongLengths) {
  Everything message;
  message.mutable_nested()->mutable_inner()->mutable_inner()->set_text_value(Repeat("tea \"", 50'000));
  for (int i = 0; i < 1'000; ++i) message.add_int32s(i);
  const auto json = ToJson(message);
  ASSERT_TRUE(json.ok());
  EXPECT_THAT(FromJson(*json), IsOkAndHolds(EqualsProto(message)));
}

TEST(JsonReadingTest, WritesCanonicalWire) {
  std::string wire;
  ASSERT_TRUE(
      Mapping().ToWire(*Everything::descriptor(), R"({"int32Value":5,"nested":{"number":0}})", wire).ok());
  EXPECT_EQ(wire, FromText("int32_value: 5 nested {}").SerializeAsString());
}

TEST(JsonReadingTest, RefusesUnknownFieldsWhereToldTo) {
  const JsonMapping mapping(*google::protobuf::DescriptorPool::generated_pool(),
                            JsonMapping::UnknownFields::kRefuse);
  std::string wire;
  EXPECT_THAT(mapping.ToWire(*Everything::descriptor(), R"({"nested":{"nubmer":1}})", wire),
              StatusIs(StatusCode::kInvalidArgument, "nested: there is no field \"nubmer\""));
  EXPECT_THAT(mapping.ToWire(*Everything::descriptor(), R"({"empty":{"value":1}})", wire),
              StatusIs(StatusCode::kInvalidArgument, "empty: there is no field \"value\""));
}

TEST(JsonReadingTest, TellsBackOnlyTheBeginningOfALongName) {
  const std::string name(10'000, 'x');
  EXPECT_THAT(
      FromJson(absl::StrCat(R"({"int32Map":{")", name, R"(":1}})")),
      StatusIs(StatusCode::kInvalidArgument, AllOf(HasSubstr("xxx..."), Not(HasSubstr(name.substr(0, 50))))));
}

}  // namespace
}  // namespace arasta::gateway
