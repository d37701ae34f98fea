// The types whose JSON is not an object of their fields.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/gateway/json/json_to_wire.h"

namespace arasta::gateway {
namespace {

constexpr uint32_t kSeconds = TagOf(1, WireType::kVarint);
constexpr uint32_t kNanos = TagOf(2, WireType::kVarint);
constexpr uint32_t kPath = TagOf(1, WireType::kBytes);

constexpr uint32_t kMember = TagOf(1, WireType::kBytes);
constexpr uint32_t kMemberKey = TagOf(1, WireType::kBytes);
constexpr uint32_t kMemberValue = TagOf(2, WireType::kBytes);
constexpr uint32_t kListElement = TagOf(1, WireType::kBytes);

constexpr uint32_t kNull = TagOf(1, WireType::kVarint);
constexpr uint32_t kNumber = TagOf(2, WireType::kFixed64);
constexpr uint32_t kString = TagOf(3, WireType::kBytes);
constexpr uint32_t kBool = TagOf(4, WireType::kVarint);
constexpr uint32_t kStruct = TagOf(5, WireType::kBytes);
constexpr uint32_t kList = TagOf(6, WireType::kBytes);

constexpr uint32_t kTypeUrl = TagOf(1, WireType::kBytes);
constexpr uint32_t kAnyValue = TagOf(2, WireType::kBytes);

}  // namespace

bool JsonToWire::Message(const MessagePlan& plan) {
  switch (plan.shape) {
    case Shape::kMessage:
      return Fields(plan, false);
    case Shape::kTimestamp:
    case Shape::kDuration:
    case Shape::kFieldMask:
      return StringMessage(plan);
    case Shape::kStruct:
      return Struct();
    case Shape::kValue:
      return DynamicValue();
    case Shape::kListValue:
      return DynamicList();
    case Shape::kWrapper:
      return Single(plan.fields[0]);
    case Shape::kAny:
      return Any();
  }
  return false;
}

bool JsonToWire::StringMessage(const MessagePlan& plan) {
  JsonString string;
  if (reader_.Peek() != '"') return failure_.Say("is not a string");
  return reader_.String(string) && TextMessage(plan, string.Text(storage_));
}

bool JsonToWire::TextMessage(const MessagePlan& plan, absl::string_view text) {
  SecondsNanos time;
  switch (plan.shape) {
    case Shape::kTimestamp:
      if (!ParseTimestamp(text, time)) return failure_.Say("is not a time such as 2026-11-22T08:30:00Z");
      Time(time);
      return true;
    case Shape::kDuration:
      if (!ParseDuration(text, time)) return failure_.Say("is not a duration such as 1.5s");
      Time(time);
      return true;
    case Shape::kFieldMask:
      return FieldMask(text);
    case Shape::kWrapper:
      return TextValue(plan.fields[0], text);
    default:
      return failure_.Say("cannot be given as text");
  }
}

void JsonToWire::Time(const SecondsNanos& time) {
  char* to = out_.Room(2 * (kMaxTagBytes + kMaxVarintBytes));
  if (time.seconds != 0) to = WriteVarint(static_cast<uint64_t>(time.seconds), WriteVarint(kSeconds, to));
  if (time.nanos != 0) {
    to = WriteVarint(static_cast<uint64_t>(int64_t{time.nanos}), WriteVarint(kNanos, to));
  }
  out_.SetEnd(to);
}

bool JsonToWire::FieldMask(absl::string_view text) {
  if (text.empty()) return true;
  for (const absl::string_view path : absl::StrSplit(text, ',')) {
    Tag(kPath);
    const size_t start = BeginLength();
    if (!AppendSnakeCase(path, out_)) {
      return failure_.Say("is not a list of paths such as displayName,price.currencyCode");
    }
    EndLength(start);
  }
  return true;
}

bool JsonToWire::Struct() {
  const size_t start = out_.size();
  const bool good = reader_.Object([&](const JsonString& key) {
    return Nested(kMember,
                  [&] {
                    Tag(kMemberKey);
                    Bytes(key.Text(storage_));
                    return Nested(kMemberValue, [&] { return DynamicValue(); });
                  }) ||
           failure_.InKey(key.raw);
  });
  return good && NoKeyTwice(start);
}

bool JsonToWire::DynamicList() {
  size_t count = 0;
  return reader_.Array([&] {
    if (!Nested(kListElement, [&] { return DynamicValue(); })) return failure_.InElement(count);
    ++count;
    return true;
  });
}

bool JsonToWire::DynamicValue() {
  JsonString string;
  absl::string_view number;
  WireBits bits;
  const char first = reader_.Peek();
  switch (first) {
    case '{':
      return Nested(kStruct, [&] { return Struct(); });
    case '[':
      return Nested(kList, [&] { return DynamicList(); });
    case '"':
      if (!reader_.String(string)) return false;
      Tag(kString);
      Bytes(string.Text(storage_));
      return true;
    case 't':
    case 'f':
      Tag(kBool);
      out_.Append(first == 't' ? '\1' : '\0');
      return reader_.Literal(first == 't' ? "true" : "false");
    case 'n':
      Tag(kNull);
      out_.Append('\0');
      return reader_.Literal("null");
    default:
      if (!reader_.Number(number)) return false;
      if (!ParseScalar(google::protobuf::FieldDescriptor::TYPE_DOUBLE, number, bits)) {
        return failure_.Say("is not a double");
      }
      Tag(kNumber);
      out_.SetEnd(WriteFixed(bits, out_.Room(sizeof bits)));
      return true;
  }
}

bool JsonToWire::Any() {
  std::string url;
  const char* const start = reader_.position();
  if (!FindAnyType(url)) return false;
  reader_.Return(start);
  if (url.empty()) return reader_.Object([&](const JsonString&) { return failure_.Say("@type is missing"); });
  const size_t slash = url.rfind('/');
  const MessagePlan* const plan =
      slash == url.npos ? nullptr : plans_.Named(absl::string_view(url).substr(slash + 1));
  if (plan == nullptr) {
    return failure_.Say(
        absl::StrCat("@type is not one of the types known here: ", MappingFailure::Clipped(url)));
  }
  Tag(kTypeUrl);
  Bytes(url);
  const size_t before = out_.size();
  size_t after_empty = 0;
  const bool good = Nested(kAnyValue, [&] {
    after_empty = out_.size();
    return plan->shape == Shape::kMessage ? Fields(*plan, true) : AnyValue(*plan);
  });
  if (good && out_.size() == after_empty) out_.Truncate(before);
  return good;
}

// Usually the first key; what comes before it is read over, and read again.
bool JsonToWire::FindAnyType(std::string& url) {
  bool found = false;
  const bool whole = reader_.Object([&](const JsonString& key) {
    if (key.Text(storage_) != "@type") return reader_.Skip();
    JsonString type;
    if (reader_.Peek() != '"') return failure_.Say("@type is not a string");
    if (!reader_.String(type)) return false;
    url = std::string(type.Text(storage_));
    found = !url.empty();
    return !found && failure_.Say("@type is empty");
  });
  return whole || found;
}

bool JsonToWire::AnyTypeAgain(bool& seen) {
  return std::exchange(seen, true) ? failure_.Say("@type is given twice") : reader_.Skip();
}

bool JsonToWire::AnyValue(const MessagePlan& plan) {
  bool type_seen = false;
  bool value_seen = false;
  return reader_.Object([&](const JsonString& key) {
    const absl::string_view name = key.Text(storage_);
    if (name == "@type") return AnyTypeAgain(type_seen);
    if (name != "value") return UnknownField(key);
    if (std::exchange(value_seen, true)) return failure_.Say("value is given twice");
    return Message(plan) || failure_.InField("value");
  }) && (value_seen || failure_.Say("value is missing"));
}

}  // namespace arasta::gateway
