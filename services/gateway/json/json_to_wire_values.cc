// Single values: numbers, booleans, enums, strings and bytes; and what text alone says of them.
#include "absl/strings/str_cat.h"
#include "services/gateway/json/base64_text.h"
#include "services/gateway/json/json_to_wire.h"

namespace arasta::gateway {

using google::protobuf::FieldDescriptor;

bool JsonToWire::Single(const FieldPlan& field) {
  if (field.wire_type == WireType::kBytes) {
    const size_t before = out_.size();
    if (!Value(field)) return false;
    // Nothing but tag and a length of zero: the default, which is not sent.
    if (!field.has_presence && *(out_.At(out_.size()) - 1) == '\0' &&
        out_.size() - before == VarintSize(field.tag) + 1) {
      out_.Truncate(before);
    }
    return true;
  }
  WireBits bits;
  if (!Scalar(field, bits)) return false;
  if (bits == 0 && !field.has_presence) return true;
  Tag(field.tag);
  Bits(field, bits);
  return true;
}

bool JsonToWire::Value(const FieldPlan& field) {
  if (field.type == FieldDescriptor::TYPE_MESSAGE) {
    return Nested(field.tag, [&] { return Message(*field.message); });
  }
  if (field.wire_type == WireType::kBytes) {
    JsonString string;
    if (reader_.Peek() != '"') return failure_.Say("is not a string");
    return reader_.String(string) && TextBytes(field, string.Text(storage_));
  }
  WireBits bits;
  if (!Scalar(field, bits)) return false;
  Tag(field.tag);
  Bits(field, bits);
  return true;
}

bool JsonToWire::Scalar(const FieldPlan& field, WireBits& bits) {
  const char first = reader_.Peek();
  if (first == '"') {
    JsonString string;
    if (!reader_.String(string)) return false;
    if (field.type == FieldDescriptor::TYPE_BOOL) return failure_.Say("is not a bool");
    return TextBits(field, string.Text(storage_), bits);
  }
  if (field.type == FieldDescriptor::TYPE_BOOL && (first == 't' || first == 'f')) {
    bits = first == 't' ? 1 : 0;
    return reader_.Literal(first == 't' ? "true" : "false");
  }
  if (first == 'n' && field.takes_null) {
    bits = 0;
    return reader_.Literal("null");
  }
  absl::string_view number;
  if (first != '-' && (first < '0' || first > '9')) {
    return failure_.Say(absl::StrCat("is not ", NameOfScalar(field.type)));
  }
  if (!reader_.Number(number)) return false;
  if (field.type != FieldDescriptor::TYPE_BOOL && ParseScalar(field.type, number, bits)) return true;
  return failure_.Say(absl::StrCat("is not ", NameOfScalar(field.type)));
}

bool JsonToWire::TextValue(const FieldPlan& field, absl::string_view text) {
  if (field.type == FieldDescriptor::TYPE_MESSAGE && !field.is_map) {
    return Nested(field.tag, [&] { return TextMessage(*field.message, text); });
  }
  if (field.wire_type == WireType::kBytes) {
    if (field.is_map) return failure_.Say("cannot be given as text");
    if (field.type == FieldDescriptor::TYPE_STRING && !IsUtf8(text)) return failure_.Say("is not UTF-8");
    const bool is_default = text.empty() && !field.has_presence && field.is_single();
    return is_default || TextBytes(field, text);
  }
  WireBits bits;
  const bool is_number = field.enumeration != nullptr && ParseScalar(field.type, text, bits);
  if (!is_number && !TextBits(field, text, bits)) return false;
  if (bits == 0 && !field.has_presence && field.is_single()) return true;
  Tag(field.tag);
  Bits(field, bits);
  return true;
}

// Of enums only names.
bool JsonToWire::TextBits(const FieldPlan& field, absl::string_view text, WireBits& bits) {
  if (field.enumeration != nullptr) {
    const auto known = field.enumeration->numbers.find(text);
    if (known == field.enumeration->numbers.end()) return failure_.Say("is not one of the enum's values");
    bits = static_cast<WireBits>(int64_t{known->second});
    return true;
  }
  return ParseScalar(field.type, text, bits) ||
         failure_.Say(absl::StrCat("is not ", NameOfScalar(field.type)));
}

bool JsonToWire::TextBytes(const FieldPlan& field, absl::string_view text) {
  Tag(field.tag);
  if (field.type == FieldDescriptor::TYPE_STRING) {
    Bytes(text);
    return true;
  }
  const size_t start = BeginLength();
  if (!AppendFromBase64(text, out_)) return failure_.Say("is not base64");
  EndLength(start);
  return true;
}

void JsonToWire::Bits(const FieldPlan& field, WireBits bits) {
  out_.SetEnd(WriteBits(field.wire_type, bits, out_.Room(kMaxVarintBytes)));
}

void JsonToWire::Bytes(absl::string_view bytes) {
  out_.SetEnd(WriteVarint(bytes.size(), out_.Room(kMaxVarintBytes)));
  out_.Append(bytes);
}

}  // namespace arasta::gateway
