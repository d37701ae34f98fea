#include "services/gateway/json/json_to_wire.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"

namespace arasta::gateway {

using google::protobuf::FieldDescriptor;

absl::Status JsonToWire::Convert(const MessagePlan& type) {
  return Result(Message(type) && reader_.End());
}

absl::Status JsonToWire::Convert(const FieldPlan& field) {
  const bool good = Field(field) || failure_.InField(field.descriptor->name());
  return Result(good && reader_.End());
}

absl::Status JsonToWire::ConvertText(const MessagePlans& plans, const FieldPlan& field,
                                     absl::string_view text, std::string& wire) {
  JsonToWire conversion(plans, false, {}, wire);
  return conversion.Result(conversion.TextValue(field, text) ||
                           conversion.failure_.InField(field.descriptor->name()));
}

bool JsonToWire::Fields(const MessagePlan& plan, bool in_any) {
  SeenFields seen(plan);
  bool type_seen = false;
  size_t expected = 0;  // keys mostly come in the order of the fields
  return reader_.Object([&](const JsonString& key) {
    const absl::string_view name = key.Text(storage_);
    const FieldPlan* const field = plan.Find(name, expected);
    if (in_any && name == "@type") return AnyTypeAgain(type_seen);
    if (field == nullptr) return UnknownField(key);
    expected = field->bit + 1;
    bool good = seen.Add(field->bit) || failure_.Say("is given twice");
    if (good && field->oneof_bit != FieldPlan::kNoOneof && !IsAbsent(*field)) {
      good = seen.Add(field->oneof_bit) || failure_.Say("stands beside another field of its oneof");
    }
    good = good && Field(*field);
    return good || failure_.InField(field->descriptor->name());
  });
}

bool JsonToWire::UnknownField(const JsonString& name) {
  if (!refuse_unknown_fields_) return reader_.Skip();
  return failure_.Say(absl::StrCat("there is no field \"", MappingFailure::Clipped(name.raw), "\""));
}

bool JsonToWire::IsAbsent(const FieldPlan& field) {
  return reader_.Peek() == 'n' && !(field.takes_null && field.is_single());
}

bool JsonToWire::Field(const FieldPlan& field) {
  if (field.type == FieldDescriptor::TYPE_GROUP) return failure_.Say("is a group, which JSON cannot hold");
  if (IsAbsent(field)) return reader_.Literal("null");
  if (field.is_single()) return Single(field);
  if (field.is_map) return Map(field);
  return field.packable ? Packed(field) : Repeated(field);
}

bool JsonToWire::Repeated(const FieldPlan& field) {
  size_t count = 0;
  return reader_.Array([&] {
    if (!Value(field)) return failure_.InElement(count);
    ++count;
    return true;
  });
}

bool JsonToWire::Packed(const FieldPlan& field) {
  const size_t before = out_.size();
  Tag(TagOf(NumberOf(field.tag), WireType::kBytes));
  const size_t start = BeginLength();
  size_t count = 0;
  const bool good = reader_.Array([&] {
    WireBits bits;
    if (!Scalar(field, bits)) return failure_.InElement(count);
    Bits(field, bits);
    ++count;
    return true;
  });
  if (count == 0) {
    out_.Truncate(before);
  } else {
    EndLength(start);
  }
  return good;
}

bool JsonToWire::Map(const FieldPlan& field) {
  const FieldPlan& key = field.message->fields[0];
  const FieldPlan& value = field.message->fields[1];
  const size_t start = out_.size();
  const bool good = reader_.Object([&](const JsonString& name) {
    return Nested(field.tag, [&] { return MapKey(key, name.Text(storage_)) && Value(value); }) ||
           failure_.InKey(name.raw);
  });
  return good && NoKeyTwice(start);
}

bool JsonToWire::MapKey(const FieldPlan& key, absl::string_view text) {
  if (key.type == FieldDescriptor::TYPE_STRING) {
    Tag(key.tag);
    Bytes(text);
    return true;
  }
  WireBits bits;
  if (!ParseScalar(key.type, text, bits)) {
    return failure_.Say(absl::StrCat("the key is not ", NameOfScalar(key.type)));
  }
  Tag(key.tag);
  Bits(key, bits);
  return true;
}

// The keys of the entries that were written from `start` on are looked at once more: one text may stand for
// the same key as another.
bool JsonToWire::NoKeyTwice(size_t start) {
  absl::InlinedVector<absl::string_view, 16> keys;
  uint32_t tag;
  absl::string_view entry;
  for (WireReader entries(out_.From(start)); !entries.empty();) {
    if (!entries.ReadTag(tag) || !entries.ReadBytes(entry)) return false;
    WireReader fields(entry);
    if (!fields.ReadTag(tag) || !fields.Skip(tag)) return false;
    keys.emplace_back(entry.data(), static_cast<size_t>(fields.position() - entry.data()));
  }
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end() || failure_.Say("a key is given twice");
}

size_t JsonToWire::BeginLength() {
  out_.Append('\0');  // enough for most; EndLength makes more room
  return out_.size();
}

void JsonToWire::EndLength(size_t start) {
  const size_t length = out_.size() - start;
  const size_t extra = VarintSize(length) - 1;
  if (extra > 0) {
    char* const end = out_.Room(extra) + extra;
    std::memmove(out_.At(start) + extra, out_.At(start), length);
    out_.SetEnd(end);
  }
  WriteVarint(length, out_.At(start - 1));
}

}  // namespace arasta::gateway
