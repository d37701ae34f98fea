#include "services/gateway/json/wire_to_json.h"

#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "services/gateway/json/base64_text.h"
#include "services/gateway/json/json_text.h"
#include "services/gateway/json/regular_wire.h"

namespace arasta::gateway {
namespace {

using google::protobuf::FieldDescriptor;

// Whether another value of the same field follows; its tag is then taken.
bool TakeNext(const FieldPlan& field, WireReader& in, uint32_t& tag) {
  const char* const before = in.position();
  uint32_t next;
  if (!in.empty() && in.ReadTag(next) && NumberOf(next) == NumberOf(field.tag) && Fits(field, next)) {
    tag = next;
    return true;
  }
  in.Return(before);
  return false;
}

}  // namespace

absl::Status WireToJson::Convert(const MessagePlan& type, const FieldPlan& field, absl::string_view wire) {
  std::string regular;
  const bool good = MakeRegular(type, wire, regular) ? SoleField(type, regular, &field) : Malformed();
  return Result(good || failure_.InField(field.descriptor->name()));
}

// The outermost message is tried as it is, and written once more where anything within is out of order: then
// all is made regular before it is written, so that no level doubles the work of those within.
bool WireToJson::Message(const MessagePlan& plan, absl::string_view wire) {
  const int depth = depth_;
  const size_t start = out_.size();
  if (depth > kMaxDepth) return failure_.Say("is nested too deeply");
  if (!regularize_) {
    ++depth_;
    const bool good = Shaped(plan, wire);
    depth_ = depth;
    if (good || !found_irregular_ || depth > 0) return good;
    out_.Truncate(start);
    found_irregular_ = false;
  }
  std::string regular;
  if (!MakeRegular(plan, wire, regular)) return Malformed();
  const bool before = std::exchange(regularize_, true);
  ++depth_;
  const bool good = Shaped(plan, regular);
  depth_ = depth;
  regularize_ = before;
  return good;
}

bool WireToJson::Shaped(const MessagePlan& plan, absl::string_view wire) {
  switch (plan.shape) {
    case Shape::kMessage:
      out_.Append('{');
      if (!Members(plan, wire)) return false;
      Close('}');
      return true;
    case Shape::kTimestamp:
    case Shape::kDuration:
      return Time(plan, wire);
    case Shape::kFieldMask:
      return FieldMask(wire);
    case Shape::kStruct:
    case Shape::kListValue:
    case Shape::kWrapper:
      return SoleField(plan, wire, &plan.fields[0]);
    case Shape::kValue:
      return SoleField(plan, wire, nullptr);
    case Shape::kAny:
      return Any(wire);
  }
  return false;
}

bool WireToJson::Members(const MessagePlan& plan, absl::string_view wire) {
  SeenFields seen(plan);
  WireReader in(wire);
  uint32_t tag;
  while (!in.empty()) {
    if (!in.ReadTag(tag)) return Malformed();
    const FieldPlan* const field = plan.Find(NumberOf(tag));
    if (field == nullptr || !Fits(*field, tag)) {
      if (!in.Skip(tag)) return Malformed();
      continue;
    }
    if (!seen.Add(field->bit)) return Irregular();
    if (field->oneof_bit != FieldPlan::kNoOneof && !seen.Add(field->oneof_bit)) return Irregular();
    const size_t before = out_.size();
    bool is_default = false;
    out_.Append(field->key);
    if (!Field(*field, tag, in, is_default))
      return found_irregular_ ? false : failure_.InField(field->descriptor->name());
    if (is_default && !field->has_presence) {
      out_.Truncate(before);
    } else {
      out_.Append(',');
    }
  }
  return true;
}

bool WireToJson::Field(const FieldPlan& field, uint32_t tag, WireReader& in, bool& is_default) {
  if (field.is_map) return Map(field, tag, in);
  if (field.is_repeated) return List(field, tag, in, is_default);
  return Single(field, in, is_default);
}

bool WireToJson::List(const FieldPlan& field, uint32_t tag, WireReader& in, bool& is_empty) {
  out_.Append('[');
  size_t count = 0;
  do {
    if (!Elements(field, tag, in, count)) return found_irregular_ ? false : failure_.InElement(count);
  } while (TakeNext(field, in, tag));
  is_empty = count == 0;
  Close(']');
  return true;
}

bool WireToJson::Elements(const FieldPlan& field, uint32_t tag, WireReader& in, size_t& count) {
  bool is_default = false;
  if (TypeOf(tag) == field.wire_type) {
    if (!Single(field, in, is_default)) return false;
    out_.Append(',');
    ++count;
    return true;
  }
  absl::string_view packed;
  if (!in.ReadBytes(packed)) return Malformed();
  for (WireReader values(packed); !values.empty(); ++count) {
    WireBits bits;
    if (!ReadBits(field.type, field.wire_type, values, bits)) return Malformed();
    Scalar(field, bits);
    out_.Append(',');
  }
  return true;
}

bool WireToJson::Map(const FieldPlan& field, uint32_t tag, WireReader& in) {
  absl::InlinedVector<MapKey, 16> keys;
  if (depth_ > kMaxDepth) return failure_.Say("is nested too deeply");  // an entry is a message
  ++depth_;
  out_.Append('{');
  do {
    absl::string_view bytes;
    MapEntry entry;
    std::string merged;
    if (!in.ReadBytes(bytes) || !ReadMapEntry(*field.message, bytes, entry)) return Malformed();
    if (entry.is_split) {
      entry = {};
      if (!MakeRegular(*field.message, bytes, merged) || !ReadMapEntry(*field.message, merged, entry))
        return Malformed();
    }
    if (!Entry(field, entry)) return false;
    keys.push_back(entry.key);
  } while (TakeNext(field, in, tag));
  --depth_;
  Close('}');
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end() || Irregular();
}

bool WireToJson::Entry(const FieldPlan& field, const MapEntry& entry) {
  const FieldPlan& value = field.message->fields[1];
  if (!EntryKey(field.message->fields[0], entry)) return false;
  out_.Append(':');
  bool is_default = false;
  WireReader in(entry.value);
  if (entry.value.empty()) {
    Default(value);
  } else if (!Single(value, in, is_default)) {
    return false;
  }
  out_.Append(',');
  return true;
}

bool WireToJson::EntryKey(const FieldPlan& key, const MapEntry& entry) {
  if (key.wire_type == WireType::kBytes) return Bytes(key, entry.key.text);
  const size_t start = out_.size();
  Scalar(key, entry.key.bits);
  if (out_.From(start).front() == '"') return true;
  out_.Truncate(start);
  out_.Append('"');
  Scalar(key, entry.key.bits);
  out_.Append('"');
  return true;
}

bool WireToJson::Single(const FieldPlan& field, WireReader& in, bool& is_default) {
  if (field.wire_type == WireType::kBytes) {
    absl::string_view bytes;
    if (!in.ReadBytes(bytes)) return Malformed();
    is_default = bytes.empty();
    return field.message != nullptr ? Message(*field.message, bytes) : Bytes(field, bytes);
  }
  if (field.type == FieldDescriptor::TYPE_GROUP) return failure_.Say("is a group, which JSON cannot hold");
  WireBits bits;
  if (!ReadBits(field.type, field.wire_type, in, bits)) return Malformed();
  is_default = bits == 0 || (field.enumeration != nullptr && field.enumeration->is_null_value);
  Scalar(field, bits);
  return true;
}

bool WireToJson::Bytes(const FieldPlan& field, absl::string_view bytes) {
  if (field.type == FieldDescriptor::TYPE_STRING)
    return AppendQuoted(bytes, out_) || failure_.Say("is not UTF-8");
  out_.Append('"');
  AppendBase64(bytes, out_);
  out_.Append('"');
  return true;
}

void WireToJson::Scalar(const FieldPlan& field, WireBits bits) {
  if (field.enumeration != nullptr) {
    if (field.enumeration->is_null_value) return out_.Append("null");
    const auto name = field.enumeration->names.find(static_cast<int32_t>(bits));
    if (name != field.enumeration->names.end()) return out_.Append(name->second);
  }
  out_.SetEnd(FormatScalar(field.type, bits, out_.Room(kMaxScalarText)));
}

void WireToJson::Default(const FieldPlan& field) {
  if (field.is_map) return out_.Append("{}");
  if (field.is_repeated) return out_.Append("[]");
  if (field.message != nullptr) return out_.Append(field.message->shape == Shape::kMessage ? "{}" : "null");
  if (field.wire_type == WireType::kBytes) return out_.Append("\"\"");
  Scalar(field, 0);
}

void WireToJson::Close(char bracket) {
  char* const last = out_.At(out_.size() - 1);
  if (*last == ',') {
    *last = bracket;
  } else {
    out_.Append(bracket);
  }
}

}  // namespace arasta::gateway
