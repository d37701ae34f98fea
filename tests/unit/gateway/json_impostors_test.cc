// Types of a contract that bear a well-known name and are something else: messages like any other. And fields
// that bear a name in JSON that nobody would give them.
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "services/gateway/json/json_mapping.h"

namespace arasta::gateway {
namespace {

constexpr char kImpostors[] = R"pb(
  name: "false.proto"
  package: "google.protobuf"
  message_type { name: "Timestamp" }
  message_type {
    name: "Duration"
    field { name: "seconds" number: 1 type: TYPE_INT64 }
  }
  message_type {
    name: "FieldMask"
    field { name: "paths" number: 1 type: TYPE_STRING }
  }
  message_type { name: "Struct" }
  message_type {
    name: "Value"
    field { name: "number" number: 2 type: TYPE_DOUBLE }
  }
  message_type { name: "ListValue" }
  message_type { name: "StringValue" }
  message_type {
    name: "Int32Value"
    field { name: "value" number: 1 type: TYPE_MESSAGE type_name: "Any" }
  }
  message_type { name: "Any" }
)pb";

class JsonImpostorsTest : public ::testing::TestWithParam<const char*> {
 protected:
  JsonImpostorsTest() {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kImpostors, &file));
    EXPECT_NE(pool_.BuildFile(file), nullptr);
  }

  google::protobuf::DescriptorPool pool_;
};

TEST_P(JsonImpostorsTest, AreMessagesLikeAnyOther) {
  const auto& type = *pool_.FindMessageTypeByName(std::string("google.protobuf.") + GetParam());
  const JsonMapping mapping(pool_);
  std::string json, wire;
  EXPECT_TRUE(mapping.ToJson(type, "\x7d\x01\x02\x03\x04", json).ok());
  EXPECT_EQ(json, "{}");
  EXPECT_TRUE(mapping.ToWire(type, "{}", wire).ok());
  EXPECT_EQ(wire, "");
}

INSTANTIATE_TEST_SUITE_P(All, JsonImpostorsTest,
                         ::testing::Values("Timestamp", "Duration", "FieldMask", "Struct", "Value",
                                           "ListValue", "StringValue", "Int32Value", "Any"),
                         [](const auto& info) { return info.param; });

TEST(JsonNamesTest, AreEscapedOrTheFieldsOwn) {
  google::protobuf::FileDescriptorProto file;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        name: "odd.proto"
        syntax: "proto3"
        message_type {
          name: "Odd"
          field { name: "a" number: 1 label: LABEL_OPTIONAL type: TYPE_BOOL json_name: "\034\"a" }
          field { name: "b" number: 2 label: LABEL_OPTIONAL type: TYPE_BOOL json_name: "caf\351" }
        })pb",
      &file));
  google::protobuf::DescriptorPool pool;
  ASSERT_NE(pool.BuildFile(file), nullptr);
  const JsonMapping mapping(pool);
  std::string json, wire;
  EXPECT_TRUE(mapping.ToJson(*pool.FindMessageTypeByName("Odd"), "\x08\x01\x10\x01", json).ok());
  EXPECT_EQ(json, R"({"\u001c\"a":true,"b":true})");
  EXPECT_TRUE(mapping.ToWire(*pool.FindMessageTypeByName("Odd"), json, wire).ok());
  EXPECT_EQ(wire, "\x08\x01\x10\x01");
}

}  // namespace
}  // namespace arasta::gateway
