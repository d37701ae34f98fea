// Everything (tests/support/protos) through JsonMapping and back.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "arasta/testing/v1/everything.pb.h"
#include "common/base/status_macros.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/gateway/json/json_mapping.h"

namespace arasta::gateway {

using arasta::testing::v1::Everything;

inline const JsonMapping& Mapping() {
  static const JsonMapping mapping(*google::protobuf::DescriptorPool::generated_pool());
  return mapping;
}

// What a backend would make of the JSON.
inline absl::StatusOr<Everything> FromJson(absl::string_view json) {
  std::string wire;
  RETURN_IF_ERROR(Mapping().ToWire(*Everything::descriptor(), json, wire));
  Everything message;
  if (!message.ParseFromString(wire)) return absl::InternalError("what was written is no message");
  return message;
}

inline absl::StatusOr<std::string> JsonOfWire(absl::string_view wire) {
  std::string json;
  RETURN_IF_ERROR(Mapping().ToJson(*Everything::descriptor(), wire, json));
  return json;
}

inline absl::StatusOr<std::string> ToJson(const Everything& message) {
  return JsonOfWire(message.SerializeAsString());
}

inline Everything FromText(const std::string& text) {
  Everything message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

}  // namespace arasta::gateway
