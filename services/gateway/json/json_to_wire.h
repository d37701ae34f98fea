// One conversion of JSON text to wire bytes, in one pass over the text.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/json/byte_output.h"
#include "services/gateway/json/json_reader.h"
#include "services/gateway/json/mapping_failure.h"
#include "services/gateway/json/message_plan.h"
#include "services/gateway/json/scalar_text.h"
#include "services/gateway/json/well_known_text.h"

namespace arasta::gateway {

class JsonToWire {
 public:
  // Of messages within messages on the wire, map entries included: what a parser of protobuf's accepts.
  static constexpr int kMaxDepth = 100;

  JsonToWire(const MessagePlans& plans, bool refuse_unknown_fields, absl::string_view json, std::string& wire)
      : plans_(plans),
        refuse_unknown_fields_(refuse_unknown_fields),
        reader_(json, failure_),
        out_(wire, json.size()) {}

  absl::Status Convert(const MessagePlan& type);
  absl::Status Convert(const FieldPlan& field);
  // The text is one value of the field, as it is where no JSON surrounds it.
  static absl::Status ConvertText(const MessagePlans& plans, const FieldPlan& field, absl::string_view text,
                                  std::string& wire);

 private:
  // False is a failure, which failure_ tells. Each reads one JSON value and writes…
  bool Message(const MessagePlan& plan);  // …the bytes of a message
  bool Fields(const MessagePlan& plan, bool in_any);
  bool Field(const FieldPlan& field);  // …tags and values
  bool Single(const FieldPlan& field);
  bool Repeated(const FieldPlan& field);
  bool Packed(const FieldPlan& field);
  bool Map(const FieldPlan& field);
  bool Value(const FieldPlan& field);  // …one value, with its tag
  bool Scalar(const FieldPlan& field, WireBits& bits);

  // Null, and no value of the field.
  bool IsAbsent(const FieldPlan& field);
  bool MapKey(const FieldPlan& key, absl::string_view text);
  bool NoKeyTwice(size_t start);
  bool UnknownField(const JsonString& name);
  // What needs no JSON around it: text that stands for a value.
  bool TextValue(const FieldPlan& field, absl::string_view text);
  bool TextBits(const FieldPlan& field, absl::string_view text, WireBits& bits);
  bool TextBytes(const FieldPlan& field, absl::string_view text);
  bool TextMessage(const MessagePlan& plan, absl::string_view text);

  // The well-known types.
  bool StringMessage(const MessagePlan& plan);
  bool FieldMask(absl::string_view text);
  void Time(const SecondsNanos& time);
  bool Struct();
  bool DynamicValue();
  bool DynamicList();
  bool Any();
  bool FindAnyType(std::string& url);
  bool AnyTypeAgain(bool& seen);
  bool AnyValue(const MessagePlan& plan);

  // Where the length of what follows is written once it is known.
  size_t BeginLength();
  void EndLength(size_t start);
  // Both around what `body` writes; a level deeper.
  template <class Body>
  bool Nested(uint32_t tag, Body body);
  void Tag(uint32_t tag) { out_.SetEnd(WriteVarint(tag, out_.Room(kMaxTagBytes))); }
  void Bits(const FieldPlan& field, WireBits bits);
  void Bytes(absl::string_view bytes);
  absl::Status Result(bool good) const { return good ? absl::OkStatus() : failure_.status(); }

  const MessagePlans& plans_;
  const bool refuse_unknown_fields_;
  MappingFailure failure_;
  JsonReader reader_;
  ByteOutput out_;
  std::string storage_;  // of the string that was read last
  int depth_ = 0;
};

template <class Body>
bool JsonToWire::Nested(uint32_t tag, Body body) {
  if (depth_ == kMaxDepth) return failure_.Say("is nested too deeply");
  ++depth_;
  Tag(tag);
  const size_t start = BeginLength();
  if (!body()) return false;
  EndLength(start);
  --depth_;
  return true;
}

}  // namespace arasta::gateway
