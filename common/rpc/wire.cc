#include "common/rpc/wire.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/rpc/validate.h"
#include "google/protobuf/descriptor.h"
#include "re2/re2.h"

namespace arasta::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsUtf8(const std::string& text) {
  static const auto* const pattern = new RE2(R"([^\x{D800}-\x{DFFF}]*)");
  return RE2::FullMatch(text, *pattern);
}

std::string BrokenString(const Message& message);

// The path of the string that is not UTF-8 within one element of a field; empty where there is none.
std::string BrokenElement(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool repeated = field.is_repeated();
  const std::string path = repeated ? absl::StrCat(field.name(), "[", index, "]") : field.name();
  if (field.type() == FieldDescriptor::TYPE_STRING) {
    const std::string text = repeated ? reflection.GetRepeatedString(message, &field, index)
                                      : reflection.GetString(message, &field);
    return IsUtf8(text) ? "" : path;
  }
  if (field.type() != FieldDescriptor::TYPE_MESSAGE) return "";
  const std::string rest = BrokenString(repeated ? reflection.GetRepeatedMessage(message, &field, index)
                                                 : reflection.GetMessage(message, &field));
  return rest.empty() ? "" : absl::StrCat(path, ".", rest);
}

// Of a message that could not be read: the parser leaves in it what it had come to, a string that it
// refused included.
std::string BrokenString(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      std::string path = BrokenElement(message, *field, i);
      if (!path.empty()) return path;
    }
  }
  return "";
}

absl::Status Malformed(const Message& message) {
  const std::string field = BrokenString(message);
  if (!field.empty()) return InvalidField(field, "is not valid UTF-8", "MALFORMED");
  return InvalidField("request", absl::StrCat("is not a valid ", message.GetDescriptor()->full_name()),
                      "MALFORMED");
}

}  // namespace

absl::Status ReadMessage(grpc::ByteBuffer* bytes, google::protobuf::Message* message) {
  if (!grpc::GenericDeserialize<grpc::ProtoBufferReader, google::protobuf::Message>(bytes, message).ok()) {
    return Malformed(*message);
  }
  return Validate(*message);
}

grpc::ByteBuffer WriteMessage(const google::protobuf::Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, &bytes, &own_buffer);
  return bytes;
}

}  // namespace arasta::rpc
