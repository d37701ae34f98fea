// The types whose JSON is not an object of their fields.
#include "services/gateway/json/json_text.h"
#include "services/gateway/json/regular_wire.h"
#include "services/gateway/json/wire_to_json.h"

namespace arasta::gateway {

using google::protobuf::FieldDescriptor;

bool WireToJson::Time(const MessagePlan& plan, absl::string_view wire) {
  SecondsNanos time;
  uint32_t tag;
  for (WireReader in(wire); !in.empty();) {
    WireBits value = 0;
    if (!in.ReadTag(tag)) return Malformed();
    if (tag != plan.fields[0].tag && tag != plan.fields[1].tag) {
      if (!in.Skip(tag)) return Malformed();
      continue;
    }
    if (!in.ReadVarint(value)) return Malformed();
    if (tag == plan.fields[0].tag) {
      time.seconds = static_cast<int64_t>(value);
    } else {
      time.nanos = static_cast<int32_t>(value);
    }
  }
  out_.Append('"');
  const bool good =
      plan.shape == Shape::kTimestamp ? AppendTimestamp(time, out_) : AppendDuration(time, out_);
  out_.Append('"');
  return good || failure_.Say("is out of range");
}

bool WireToJson::FieldMask(absl::string_view wire) {
  constexpr uint32_t kPath = TagOf(1, WireType::kBytes);
  out_.Append('"');
  const size_t start = out_.size();
  uint32_t tag;
  for (WireReader in(wire); !in.empty();) {
    if (!in.ReadTag(tag)) return Malformed();
    absl::string_view path;
    if (tag != kPath) {
      if (!in.Skip(tag)) return Malformed();
      continue;
    }
    if (!in.ReadBytes(path)) return Malformed();
    if (out_.size() > start) out_.Append(',');
    if (!IsUtf8(path) || !AppendCamelCase(path, out_))
      return failure_.Say("has a path that JSON cannot hold");
  }
  out_.Append('"');
  return true;
}

// The value of the one field that counts: the wanted one, or whichever of a oneof there is.
bool WireToJson::SoleField(const MessagePlan& plan, absl::string_view wire, const FieldPlan* wanted) {
  bool seen = false;
  uint32_t tag;
  for (WireReader in(wire); !in.empty();) {
    if (!in.ReadTag(tag)) return Malformed();
    const FieldPlan* const field = plan.Find(NumberOf(tag));
    if (field == nullptr || !Fits(*field, tag) || (wanted != nullptr && field != wanted)) {
      if (!in.Skip(tag)) return Malformed();
      continue;
    }
    if (seen) return Irregular();
    seen = true;
    bool is_default = false;
    const size_t start = out_.size();
    if (!Field(*field, tag, in, is_default)) return false;
    const bool is_dynamic = plan.shape == Shape::kValue;
    if (is_dynamic && field->type == FieldDescriptor::TYPE_DOUBLE && out_.From(start).front() == '"') {
      return failure_.Say("is not a finite number");
    }
  }
  if (seen) return true;
  if (wanted == nullptr) {
    out_.Append("null");
  } else {
    Default(*wanted);
  }
  return true;
}

bool WireToJson::Any(absl::string_view wire) {
  constexpr uint32_t kTypeUrl = TagOf(1, WireType::kBytes);
  constexpr uint32_t kValue = TagOf(2, WireType::kBytes);
  absl::string_view url;
  absl::string_view value;
  uint32_t tag;
  for (WireReader in(wire); !in.empty();) {
    if (!in.ReadTag(tag)) return Malformed();
    const bool good = tag == kTypeUrl ? in.ReadBytes(url)
                      : tag == kValue ? in.ReadBytes(value)
                                      : in.Skip(tag);
    if (!good) return Malformed();
  }
  if (!url.empty()) return AnyValue(url, value);
  if (!value.empty()) return failure_.Say("has no type");
  out_.Append("{}");
  return true;
}

bool WireToJson::AnyValue(absl::string_view url, absl::string_view value) {
  const size_t slash = url.rfind('/');
  const MessagePlan* const plan = slash == url.npos ? nullptr : plans_.Named(url.substr(slash + 1));
  if (plan == nullptr) return failure_.Say("has a type that is not known here");
  out_.Append("{\"@type\":");
  if (!AppendQuoted(url, out_)) return failure_.Say("has a type that is not UTF-8");
  const size_t start = out_.size();
  out_.Append(plan->shape == Shape::kMessage ? "," : ",\"value\":");
  if (!Message(*plan, value)) return false;
  if (plan->shape != Shape::kMessage) {
    out_.Append('}');
    return true;
  }
  // The members go on in the object that has the type.
  const absl::string_view object = out_.From(start);
  if (object == ",{}") {
    out_.Truncate(start);
    out_.Append('}');
    return true;
  }
  out_.Erase(start + 1, 1);
  return true;
}

}  // namespace arasta::gateway
