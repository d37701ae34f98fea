#include "services/gateway/rest/field_path.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/gateway/json/wire.h"

namespace arasta::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// As deep as the services look into a message.
constexpr size_t kMaxDepth = 32;

const FieldDescriptor* FindField(const Descriptor& type, absl::string_view name, FieldNames names) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.name() == name || (names == FieldNames::kProtoOrJson && field.json_name() == name))
      return &field;
  }
  return nullptr;
}

bool HoldsOthers(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_MESSAGE && !field.is_repeated();
}

}  // namespace

FieldPath FindFieldPath(const Descriptor& type, absl::string_view path, FieldNames names) {
  FieldPath found;
  const Descriptor* within = &type;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    const FieldDescriptor* field = within == nullptr ? nullptr : FindField(*within, name, names);
    if (field == nullptr || found.size() == kMaxDepth) return {};
    found.push_back(field);
    within = HoldsOthers(*field) ? field->message_type() : nullptr;
  }
  return found;
}

std::string NameOf(const FieldPath& path) {
  return absl::StrJoin(path, ".",
                       [](std::string* out, const FieldDescriptor* field) { *out += field->name(); });
}

bool IsWithin(const FieldPath& inner, const FieldPath& outer) {
  return inner.size() >= outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

bool FitsInText(const FieldDescriptor& field) {
  if (field.type() == FieldDescriptor::TYPE_GROUP) return false;
  if (field.type() != FieldDescriptor::TYPE_MESSAGE) return true;
  constexpr std::array<absl::string_view, 12> kTypes = {
      "google.protobuf.Timestamp",   "google.protobuf.Duration",    "google.protobuf.FieldMask",
      "google.protobuf.DoubleValue", "google.protobuf.FloatValue",  "google.protobuf.Int64Value",
      "google.protobuf.UInt64Value", "google.protobuf.Int32Value",  "google.protobuf.UInt32Value",
      "google.protobuf.BoolValue",   "google.protobuf.StringValue", "google.protobuf.BytesValue"};
  return std::find(kTypes.begin(), kTypes.end(), field.message_type()->full_name()) != kTypes.end();
}

void AppendNested(const FieldPath& path, std::string bytes, std::string& wire) {
  for (size_t depth = path.size(); depth-- > 1;) {
    std::array<char, kMaxTagBytes + kMaxVarintBytes> head;
    const auto number = static_cast<uint32_t>(path[depth - 1]->number());
    char* end = WriteVarint(TagOf(number, WireType::kBytes), head.data());
    end = WriteVarint(bytes.size(), end);
    bytes.insert(0, head.data(), static_cast<size_t>(end - head.data()));
  }
  wire += bytes;
}

}  // namespace arasta::gateway
