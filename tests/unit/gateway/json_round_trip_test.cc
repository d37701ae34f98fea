// What a field looks like in JSON: written so, and read back as the same message.
#include "tests/support/matchers.h"
#include "tests/unit/gateway/json_fixture.h"

namespace arasta::gateway {
namespace {

using arasta::testing::IsOk;
using arasta::testing::IsOkAndHolds;

struct Pair {
  const char* text;  // the message, as protobuf's text format has it
  const char* json;
};

void PrintTo(const Pair& pair, std::ostream* out) {
  *out << pair.json;
}

class JsonRoundTripTest : public ::testing::TestWithParam<Pair> {};

TEST_P(JsonRoundTripTest, IsWrittenAndReadBack) {
  const Everything message = FromText(GetParam().text);
  EXPECT_THAT(ToJson(message), IsOkAndHolds(std::string(GetParam().json)));
  const auto back = FromJson(GetParam().json);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->DebugString(), message.DebugString());  // NaN is like NaN there
}

constexpr Pair kScalars[] = {
    {"", "{}"},
    {"double_value: 1.5", R"({"doubleValue":1.5})"},
    {"double_value: -0.0", R"({"doubleValue":-0})"},
    {"double_value: 1e300", R"({"doubleValue":1e+300})"},
    {"double_value: 0.1", R"({"doubleValue":0.1})"},
    {"double_value: 5e-324", R"({"doubleValue":5e-324})"},
    {"double_value: nan", R"({"doubleValue":"NaN"})"},
    {"double_value: inf", R"({"doubleValue":"Infinity"})"},
    {"double_value: -inf", R"({"doubleValue":"-Infinity"})"},
    {"float_value: 0.1", R"({"floatValue":0.1})"},
    {"float_value: 3.4028235e38", R"({"floatValue":3.4028235e+38})"},
    {"float_value: -inf", R"({"floatValue":"-Infinity"})"},
    {"int32_value: 2147483647", R"({"int32Value":2147483647})"},
    {"int32_value: -2147483648", R"({"int32Value":-2147483648})"},
    {"int64_value: 9223372036854775807", R"({"int64Value":"9223372036854775807"})"},
    {"int64_value: -9223372036854775808", R"({"int64Value":"-9223372036854775808"})"},
    {"uint32_value: 4294967295", R"({"uint32Value":4294967295})"},
    {"uint64_value: 18446744073709551615", R"({"uint64Value":"18446744073709551615"})"},
    {"sint32_value: -2147483648", R"({"sint32Value":-2147483648})"},
    {"sint64_value: -9223372036854775808", R"({"sint64Value":"-9223372036854775808"})"},
    {"fixed32_value: 4294967295", R"({"fixed32Value":4294967295})"},
    {"fixed64_value: 18446744073709551615", R"({"fixed64Value":"18446744073709551615"})"},
    {"sfixed32_value: -1", R"({"sfixed32Value":-1})"},
    {"sfixed64_value: -1", R"({"sfixed64Value":"-1"})"},
    {"bool_value: true", R"({"boolValue":true})"},
    {"string_value: \"tea\"", R"({"stringValue":"tea"})"},
    {"string_value: \"\\\"\\\\/\\b\\f\\n\\r\\t\\v\\001\"",
     R"({"stringValue":"\"\\/\b\f\n\r\t\u000b\u0001"})"},
    {"string_value: \"\\000\"", R"({"stringValue":"\u0000"})"},
    {"string_value: \"\\177\"", "{\"stringValue\":\"\177\"}"},
    {"string_value: \"Rize çayı, 茶, 🍵 <b>\"", R"({"stringValue":"Rize çayı, 茶, 🍵 <b>"})"},
    {"bytes_value: \"\\000\\377a\"", R"({"bytesValue":"AP9h"})"},
    {"bytes_value: \"a\"", R"({"bytesValue":"YQ=="})"},
    {"bytes_value: \"\\377\\376\"", R"({"bytesValue":"//4="})"},
    {"colour: COLOUR_BLUE", R"({"colour":"COLOUR_BLUE"})"},
    {"colour: COLOUR_CRIMSON", R"({"colour":"COLOUR_RED"})"},
    {"colour: COLOUR_NEGATIVE", R"({"colour":"COLOUR_NEGATIVE"})"},
    {"colour: 77", R"({"colour":77})"},
    {"renamed: \"x\"", R"({"otherName":"x"})"},
    {"far_away: 5", R"({"farAway":5})"},
};
INSTANTIATE_TEST_SUITE_P(Scalars, JsonRoundTripTest, ::testing::ValuesIn(kScalars));

constexpr Pair kPresence[] = {
    {"maybe_int32: 0", R"({"maybeInt32":0})"},
    {"maybe_string: \"\"", R"({"maybeString":""})"},
    {"maybe_bool: false", R"({"maybeBool":false})"},
    {"maybe_colour: COLOUR_UNSPECIFIED", R"({"maybeColour":"COLOUR_UNSPECIFIED"})"},
    {"maybe_bytes: \"\"", R"({"maybeBytes":""})"},
    {"maybe_double: 0", R"({"maybeDouble":0})"},
    {"chosen_int32: 0", R"({"chosenInt32":0})"},
    {"chosen_string: \"\"", R"({"chosenString":""})"},
    {"chosen_nested {}", R"({"chosenNested":{}})"},
    {"chosen_null: NULL_VALUE", R"({"chosenNull":null})"},
    {"chosen_colour: COLOUR_UNSPECIFIED", R"({"chosenColour":"COLOUR_UNSPECIFIED"})"},
    {"nested {}", R"({"nested":{}})"},
    {"nested { number: 1 inner { text_value: \"a\" } }",
     R"({"nested":{"number":1,"inner":{"textValue":"a"}}})"},
    {"everything { everything { int32_value: 3 } }", R"({"everything":{"everything":{"int32Value":3}}})"},
};
INSTANTIATE_TEST_SUITE_P(Presence, JsonRoundTripTest, ::testing::ValuesIn(kPresence));

constexpr Pair kLists[] = {
    {"doubles: [1, nan, -2.5]", R"({"doubles":[1,"NaN",-2.5]})"},
    {"floats: [0.5, inf]", R"({"floats":[0.5,"Infinity"]})"},
    {"int32s: [0, -1, 2]", R"({"int32s":[0,-1,2]})"},
    {"int64s: [0, -1]", R"({"int64s":["0","-1"]})"},
    {"uint32s: [7]", R"({"uint32s":[7]})"},
    {"uint64s: [7]", R"({"uint64s":["7"]})"},
    {"sint32s: [-7, 7]", R"({"sint32s":[-7,7]})"},
    {"sint64s: [-7, 7]", R"({"sint64s":["-7","7"]})"},
    {"fixed32s: [7]", R"({"fixed32s":[7]})"},
    {"fixed64s: [7]", R"({"fixed64s":["7"]})"},
    {"sfixed32s: [-7]", R"({"sfixed32s":[-7]})"},
    {"sfixed64s: [-7]", R"({"sfixed64s":["-7"]})"},
    {"bools: [true, false]", R"({"bools":[true,false]})"},
    {"strings: [\"a\", \"\", \"b,\"]", R"({"strings":["a","","b,"]})"},
    {"byteses: [\"a\", \"\"]", R"({"byteses":["YQ==",""]})"},
    {"colours: [COLOUR_RED, COLOUR_UNSPECIFIED, 9]", R"({"colours":["COLOUR_RED","COLOUR_UNSPECIFIED",9]})"},
    {"nesteds {} nesteds { numbers: [1, 2] }", R"({"nesteds":[{},{"numbers":[1,2]}]})"},
    {"unpacked_int32s: [1, 2]", R"({"unpackedInt32s":[1,2]})"},
    {"strings: \"a\" nesteds {}", R"({"strings":["a"],"nesteds":[{}]})"},
};
INSTANTIATE_TEST_SUITE_P(Lists, JsonRoundTripTest, ::testing::ValuesIn(kLists));

constexpr Pair kMaps[] = {
    {"string_map { key: \"a\\\"\" value: \"b\" }", R"({"stringMap":{"a\"":"b"}})"},
    {"string_map { key: \"\" value: \"\" }", R"({"stringMap":{"":""}})"},
    {"int32_map { key: -1 value: 0 }", R"({"int32Map":{"-1":0}})"},
    {"int64_map { key: -1 value: 5 }", R"({"int64Map":{"-1":"5"}})"},
    {"uint32_map { key: 4294967295 value: 0.5 }", R"({"uint32Map":{"4294967295":0.5}})"},
    {"uint64_map { key: 18446744073709551615 value: \"a\" }",
     R"({"uint64Map":{"18446744073709551615":"YQ=="}})"},
    {"sint32_map { key: -5 value: true }", R"({"sint32Map":{"-5":true}})"},
    {"sint64_map { key: -5 value: COLOUR_RED }", R"({"sint64Map":{"-5":"COLOUR_RED"}})"},
    {"fixed32_map { key: 0 value: nan }", R"({"fixed32Map":{"0":"NaN"}})"},
    {"fixed64_map { key: 5 value: 6 }", R"({"fixed64Map":{"5":"6"}})"},
    {"sfixed32_map { key: -5 value: -6 }", R"({"sfixed32Map":{"-5":-6}})"},
    {"sfixed64_map { key: -5 value: -6 }", R"({"sfixed64Map":{"-5":"-6"}})"},
    {"bool_map { key: true value: \"yes\" }", R"({"boolMap":{"true":"yes"}})"},
    {"bool_map { key: false value: \"no\" }", R"({"boolMap":{"false":"no"}})"},
    {"nested_map { key: \"a\" value { inner { number: 1 } } }",
     R"({"nestedMap":{"a":{"inner":{"number":1}}}})"},
    {"nested_map { key: \"a\" value {} }", R"({"nestedMap":{"a":{}}})"},
    {"timestamp_map { key: \"a\" value { seconds: 1 } }", R"({"timestampMap":{"a":"1970-01-01T00:00:01Z"}})"},
    {"value_map { key: \"a\" value { null_value: NULL_VALUE } }", R"({"valueMap":{"a":null}})"},
};
INSTANTIATE_TEST_SUITE_P(Maps, JsonRoundTripTest, ::testing::ValuesIn(kMaps));

constexpr Pair kWellKnown[] = {
    {"timestamp { seconds: 0 }", R"({"timestamp":"1970-01-01T00:00:00Z"})"},
    {"timestamp { seconds: -1 nanos: 1 }", R"({"timestamp":"1969-12-31T23:59:59.000000001Z"})"},
    {"timestamp { seconds: 951782400 nanos: 20000000 }", R"({"timestamp":"2000-02-29T00:00:00.020Z"})"},
    {"timestamp { nanos: 20000 }", R"({"timestamp":"1970-01-01T00:00:00.000020Z"})"},
    {"timestamp { seconds: -62135596800 }", R"({"timestamp":"0001-01-01T00:00:00Z"})"},
    {"timestamp { seconds: 253402300799 nanos: 999999999 }",
     R"({"timestamp":"9999-12-31T23:59:59.999999999Z"})"},
    {"duration {}", R"({"duration":"0s"})"},
    {"duration { seconds: 90 nanos: 500000000 }", R"({"duration":"90.500s"})"},
    {"duration { nanos: -1 }", R"({"duration":"-0.000000001s"})"},
    {"duration { seconds: -315576000000 }", R"({"duration":"-315576000000s"})"},
    {"field_mask {}", R"({"fieldMask":""})"},
    {"field_mask { paths: \"display_name\" paths: \"a.b_c\" }", R"({"fieldMask":"displayName,a.bC"})"},
    {"struct {}", R"({"struct":{}})"},
    {"struct { fields { key: \"a\" value { number_value: 1 } } }", R"({"struct":{"a":1}})"},
    {"value { null_value: NULL_VALUE }", R"({"value":null})"},
    {"value { bool_value: false }", R"({"value":false})"},
    {"value { string_value: \"\" }", R"({"value":""})"},
    {"value { number_value: 0 }", R"({"value":0})"},
    {"value { struct_value {} }", R"({"value":{}})"},
    {"value { list_value { values { bool_value: true } values { list_value {} } } }",
     R"({"value":[true,[]]})"},
    {"list_value {}", R"({"listValue":[]})"},
    {"list_value { values { null_value: NULL_VALUE } }", R"({"listValue":[null]})"},
    {"empty {}", R"({"empty":{}})"},
    {"double_wrapper { value: 1.5 }", R"({"doubleWrapper":1.5})"},
    {"float_wrapper { value: nan }", R"({"floatWrapper":"NaN"})"},
    {"int64_wrapper { value: 5 }", R"({"int64Wrapper":"5"})"},
    {"uint64_wrapper {}", R"({"uint64Wrapper":"0"})"},
    {"int32_wrapper {}", R"({"int32Wrapper":0})"},
    {"uint32_wrapper { value: 5 }", R"({"uint32Wrapper":5})"},
    {"bool_wrapper {}", R"({"boolWrapper":false})"},
    {"string_wrapper {}", R"({"stringWrapper":""})"},
    {"bytes_wrapper { value: \"a\" }", R"({"bytesWrapper":"YQ=="})"},
    {"timestamps {} timestamps { seconds: 1 }",
     R"({"timestamps":["1970-01-01T00:00:00Z","1970-01-01T00:00:01Z"]})"},
    {"values { null_value: NULL_VALUE } values { number_value: 2 }", R"({"values":[null,2]})"},
    {"int64_wrappers { value: 1 } int64_wrappers {}", R"({"int64Wrappers":["1","0"]})"},
};
INSTANTIATE_TEST_SUITE_P(WellKnown, JsonRoundTripTest, ::testing::ValuesIn(kWellKnown));

constexpr Pair kAnys[] = {
    {"any {}", R"({"any":{}})"},
    {"any { [type.googleapis.com/arasta.testing.v1.Everything.Nested] { number: 1 text_value: \"a\" } }",
     R"({"any":{"@type":"type.googleapis.com/arasta.testing.v1.Everything.Nested","number":1,"textValue":"a"}})"},
    {"any { [type.googleapis.com/arasta.testing.v1.Everything.Nested] {} }",
     R"({"any":{"@type":"type.googleapis.com/arasta.testing.v1.Everything.Nested"}})"},
    {"any { [type.googleapis.com/google.protobuf.Duration] { seconds: 3 } }",
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"3s"}})"},
    {"any { [type.googleapis.com/google.protobuf.Any] { [type.googleapis.com/google.protobuf.Int32Value] { "
     "value: 7 } } }",
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Any","value":)"
     R"({"@type":"type.googleapis.com/google.protobuf.Int32Value","value":7}}})"},
    {"any { [type.googleapis.com/google.protobuf.Empty] {} }",
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Empty"}})"},
};
INSTANTIATE_TEST_SUITE_P(Anys, JsonRoundTripTest, ::testing::ValuesIn(kAnys));

}  // namespace
}  // namespace arasta::gateway
