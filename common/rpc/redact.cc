#include "common/rpc/redact.h"

#include <memory>
#include <vector>

#include "arasta/options/v1/options.pb.h"
#include "google/protobuf/text_format.h"

namespace arasta::rpc {
namespace {

constexpr size_t kMaxBytes = 2000;

void Redact(google::protobuf::Message* message) {
  const google::protobuf::Reflection* reflection = message->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const auto* field : fields) {
    if (field->options().GetExtension(options::v1::sensitive)) {
      reflection->ClearField(message, field);
    } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field->is_repeated()) {
        Redact(reflection->MutableMessage(message, field));
        continue;
      }
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        Redact(reflection->MutableRepeatedMessage(message, field, i));
      }
    }
  }
}

}  // namespace

std::string Redacted(const google::protobuf::Message& message) {
  std::unique_ptr<google::protobuf::Message> copy(message.New());
  copy->CopyFrom(message);
  Redact(copy.get());
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetExpandAny(false);
  printer.PrintToString(*copy, &text);
  if (text.size() > kMaxBytes) text.resize(kMaxBytes);
  return text;
}

}  // namespace arasta::rpc
