// JSON from clients and wire bytes from backends, for a message with every kind of field: what one direction
// writes the other reads, and protobuf's own parsers agree with what both take.
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "arasta/testing/v1/everything.pb.h"
#include "google/protobuf/util/json_util.h"
#include "services/gateway/json/json_mapping.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

using testing::v1::Everything;

const gateway::JsonMapping& Mapping() {
  static const gateway::JsonMapping mapping(*google::protobuf::DescriptorPool::generated_pool());
  return mapping;
}

Everything Parsed(absl::string_view wire) {
  Everything message;
  Require(message.ParseFromArray(wire.data(), static_cast<int>(wire.size())), "what is written is a message");
  return message;
}

std::string Wire(absl::string_view json) {
  std::string wire;
  Require(Mapping().ToWire(*Everything::descriptor(), json, wire).ok(), "what is written can be read");
  return wire;
}

std::string Json(absl::string_view wire) {
  std::string json;
  Require(Mapping().ToJson(*Everything::descriptor(), wire, json).ok(), "what is read can be written");
  return json;
}

// protobuf's reads integers of many digits, or with an exponent, by way of a double; it takes -0 for 0, and
// aBC in a FieldMask for a_bc.
bool ProtobufIsExact(absl::string_view json) {
  if (absl::StrContains(json, "-0") || absl::StrContains(json, "ask\"")) return false;
  size_t digits = 0;
  for (size_t i = 0; i < json.size(); ++i) {
    digits = absl::ascii_isdigit(static_cast<unsigned char>(json[i])) ? digits + 1 : 0;
    const bool exponent =
        i > 0 && (json[i] | 0x20) == 'e' && absl::ascii_isdigit(static_cast<unsigned char>(json[i - 1]));
    if (digits > 15 || exponent) return false;
  }
  return true;
}

void Read(absl::string_view json) {
  std::string wire;
  if (!Mapping().ToWire(*Everything::descriptor(), json, wire).ok()) return;
  const Everything message = Parsed(wire);
  Require(Parsed(Wire(Json(wire))).DebugString() == message.DebugString(), "it comes back the same");
  Everything theirs;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!ProtobufIsExact(json)) return;
  if (!google::protobuf::util::JsonStringToMessage(std::string(json), &theirs, options).ok()) return;
  Require(theirs.DebugString() == message.DebugString(), "protobuf reads the same");
}

void Write(absl::string_view wire) {
  std::string json;
  if (!Mapping().ToJson(*Everything::descriptor(), wire, json).ok()) return;
  const std::string again = Wire(json);
  Require(Json(again) == json, "it is written the same once more");
  Everything message;
  if (!message.ParseFromArray(wire.data(), static_cast<int>(wire.size()))) return;
  message.DiscardUnknownFields();
  // null stands for a Value without a kind too, and an Any is written anew.
  if (absl::StrContains(json, "null") || absl::StrContains(json, "@type")) return;
  Require(Parsed(again).DebugString() == message.DebugString(), "protobuf parses the same");
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  arasta::fuzz::Input input(data, size);
  // A text is one as it stands; before wire bytes there is a byte to tell.
  if (!input.empty() && input.rest().front() == '{') {
    arasta::fuzz::Read(input.rest());
  } else if (!input.empty()) {
    input.Byte();
    arasta::fuzz::Write(input.rest());
  }
  return 0;
}
