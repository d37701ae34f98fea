#include "services/gateway/rest/openapi_schemas.h"

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "arasta/options/v1/options.pb.h"

namespace arasta::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using options::v1::Bounds;

const Bounds& BoundsOf(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::bounds);
}

// The types whose JSON is not that of their fields; null for all others.
const OrderedJson* WellKnown(const std::string& type) {
  static const auto& schemas = *new absl::flat_hash_map<std::string, OrderedJson>{
      {"google.protobuf.Timestamp", {{"type", "string"}, {"format", "date-time"}}},
      {"google.protobuf.Duration", {{"type", "string"}, {"pattern", R"(^-?[0-9]+(\.[0-9]{1,9})?s$)"}}},
      {"google.protobuf.FieldMask", {{"type", "string"}, {"description", "Paths of fields, with commas."}}},
      {"google.protobuf.Empty", {{"type", "object"}}},
      {"google.protobuf.Struct", {{"type", "object"}}},
      {"google.protobuf.Value", OrderedJson::object()},
      {"google.protobuf.ListValue", {{"type", "array"}, {"items", OrderedJson::object()}}},
      {"google.protobuf.Any",
       {{"type", "object"}, {"properties", {{"@type", {{"type", "string"}}}}}, {"required", {"@type"}}}},
      {"google.protobuf.StringValue", {{"type", {"string", "null"}}}},
      {"google.protobuf.BytesValue", {{"type", {"string", "null"}}, {"contentEncoding", "base64"}}},
      {"google.protobuf.BoolValue", {{"type", {"boolean", "null"}}}},
      {"google.protobuf.Int32Value", {{"type", {"integer", "null"}}, {"format", "int32"}}},
      {"google.protobuf.UInt32Value", {{"type", {"integer", "null"}}, {"format", "uint32"}}},
      {"google.protobuf.Int64Value", {{"type", {"string", "null"}}, {"format", "int64"}}},
      {"google.protobuf.UInt64Value", {{"type", {"string", "null"}}, {"format", "uint64"}}},
      {"google.protobuf.FloatValue", {{"type", {"number", "null"}}, {"format", "float"}}},
      {"google.protobuf.DoubleValue", {{"type", {"number", "null"}}, {"format", "double"}}},
  };
  const auto found = schemas.find(type);
  return found == schemas.end() ? nullptr : &found->second;
}

bool Is64Bit(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
}

OrderedJson OfScalar(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return {{"type", "integer"}, {"format", "int32"}};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"format", "uint32"}};
    // In quotes, as JavaScript's numbers end at 2^53. Without them it is understood too.
    case FieldDescriptor::CPPTYPE_INT64:
      return {{"type", "string"}, {"format", "int64"}};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {{"type", "string"}, {"format", "uint64"}};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return {{"type", "number"}, {"format", "float"}};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {{"type", "number"}, {"format", "double"}};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    default:
      break;
  }
  if (field.type() == FieldDescriptor::TYPE_BYTES) return {{"type", "string"}, {"contentEncoding", "base64"}};
  return {{"type", "string"}};
}

// Of a value, or of each item of a list.
void AddBounds(const FieldDescriptor& field, OrderedJson& schema) {
  const Bounds& bounds = BoundsOf(field);
  if (field.type() == FieldDescriptor::TYPE_STRING) {
    const uint32_t shortest = bounds.required() && bounds.min_length() == 0 ? 1 : bounds.min_length();
    if (shortest > 0) schema["minLength"] = shortest;
    if (bounds.max_length() > 0) schema["maxLength"] = bounds.max_length();
    if (!bounds.pattern().empty())
      schema["pattern"] = absl::StrCat("^(?:", bounds.pattern(), ")", bounds.required() ? "" : "?", "$");
  } else if (schema.value("type", OrderedJson()) == "integer") {
    if (bounds.has_min()) schema["minimum"] = bounds.min();
    if (bounds.has_max()) schema["maximum"] = bounds.max();
  }
}

}  // namespace

std::string Tidied(absl::string_view comment) {
  std::vector<absl::string_view> lines;
  for (const absl::string_view line : absl::StrSplit(absl::StripAsciiWhitespace(comment), '\n')) {
    lines.push_back(absl::StripAsciiWhitespace(line));
  }
  return absl::StrJoin(lines, "\n");
}

std::string DescriptionOf(const FieldDescriptor& field) {
  std::string text = CommentOf(field);
  const Bounds& bounds = BoundsOf(field);
  const auto add = [&text](absl::string_view more) { absl::StrAppend(&text, text.empty() ? "" : " ", more); };
  if (bounds.required()) add("Required.");
  if (Is64Bit(field) && bounds.has_min()) add(absl::StrCat("At least ", bounds.min(), "."));
  if (Is64Bit(field) && bounds.has_max()) add(absl::StrCat("At most ", bounds.max(), "."));
  return text;
}

bool IsRequired(const FieldDescriptor& field) {
  return BoundsOf(field).required();
}

void OpenApiSchemas::NoteAnswer(const Descriptor& type) {
  if (!in_answers_.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    if (const Descriptor* inner = type.field(i)->message_type()) NoteAnswer(*inner);
  }
}

OrderedJson OpenApiSchemas::Of(const Descriptor& type) {
  if (const OrderedJson* known = WellKnown(type.full_name())) return *known;
  if (!all_.contains(type.full_name())) {
    // There already when it comes to a field that leads back to it.
    all_[type.full_name()] = nullptr;
    OrderedJson schema = Whole(type, {});
    all_[type.full_name()] = std::move(schema);
  }
  return {{"$ref", absl::StrCat("#/components/schemas/", type.full_name())}};
}

OrderedJson OpenApiSchemas::Whole(const Descriptor& type, const std::set<const FieldDescriptor*>& left_out) {
  OrderedJson schema = {{"type", "object"}};
  if (const std::string comment = CommentOf(type); !comment.empty()) schema["description"] = comment;
  OrderedJson required = OrderedJson::array();
  OrderedJson properties = OrderedJson::object();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (left_out.count(&field) > 0) continue;
    properties[field.json_name()] = OfField(field);
    if (IsRequired(field) && in_answers_.count(&type) == 0) required.push_back(field.json_name());
  }
  if (!properties.empty()) schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

OrderedJson OpenApiSchemas::OfField(const FieldDescriptor& field) {
  OrderedJson schema;
  if (field.is_map()) {
    schema = {{"type", "object"}, {"additionalProperties", OfValue(*field.message_type()->map_value())}};
  } else if (field.is_repeated()) {
    schema = {{"type", "array"}, {"items", OfValue(field)}};
    if (IsRequired(field)) schema["minItems"] = 1;
    if (BoundsOf(field).max_items() > 0) schema["maxItems"] = BoundsOf(field).max_items();
  } else {
    schema = OfValue(field);
  }
  if (const std::string text = DescriptionOf(field); !text.empty()) schema["description"] = text;
  return schema;
}

OrderedJson OpenApiSchemas::OfParameter(const FieldDescriptor& field) {
  OrderedJson schema = OfField(field);
  schema.erase("description");
  return schema;
}

OrderedJson OpenApiSchemas::OfValue(const FieldDescriptor& field) {
  if (const Descriptor* message = field.message_type()) return Of(*message);
  OrderedJson schema = field.enum_type() != nullptr ? OfEnum(*field.enum_type()) : OfScalar(field);
  AddBounds(field, schema);
  return schema;
}

OrderedJson OpenApiSchemas::OfEnum(const EnumDescriptor& type) {
  if (type.full_name() == "google.protobuf.NullValue") return {{"type", "null"}};
  if (!all_.contains(type.full_name())) {
    OrderedJson names = OrderedJson::array();
    std::string text = CommentOf(type);
    for (int i = 0; i < type.value_count(); ++i) {
      const EnumValueDescriptor& value = *type.value(i);
      names.push_back(value.name());
      const std::string comment = CommentOf(value);
      if (!comment.empty())
        absl::StrAppend(&text, text.empty() ? "" : "\n", "- ", value.name(), ": ", comment);
    }
    all_[type.full_name()] = {{"type", "string"}, {"description", text}, {"enum", std::move(names)}};
  }
  return {{"$ref", absl::StrCat("#/components/schemas/", type.full_name())}};
}

}  // namespace arasta::gateway
