// One conversion of wire bytes to JSON text: in one pass over bytes that are in order, as all that
// serializers write are.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/json/byte_output.h"
#include "services/gateway/json/mapping_failure.h"
#include "services/gateway/json/message_plan.h"
#include "services/gateway/json/scalar_text.h"
#include "services/gateway/json/well_known_text.h"

namespace arasta::gateway {

struct MapEntry;

class WireToJson {
 public:
  // Of messages within messages, map entries included.
  static constexpr int kMaxDepth = 100;

  WireToJson(const MessagePlans& plans, size_t expected, std::string& json)
      : plans_(plans), out_(json, expected) {}

  absl::Status Convert(const MessagePlan& type, absl::string_view wire) {
    return Result(Message(type, wire));
  }
  // The field's value out of the whole message.
  absl::Status Convert(const MessagePlan& type, const FieldPlan& field, absl::string_view wire);

 private:
  // False is a failure, which failure_ tells, or found_irregular_. Each writes one JSON value.
  bool Message(const MessagePlan& plan, absl::string_view wire);
  bool Shaped(const MessagePlan& plan, absl::string_view wire);
  // Of a field whose tag was read: all of a list or a map. `is_default` for what is left out without
  // presence.
  bool Field(const FieldPlan& field, uint32_t tag, WireReader& in, bool& is_default);
  bool List(const FieldPlan& field, uint32_t tag, WireReader& in, bool& is_empty);
  bool Map(const FieldPlan& field, uint32_t tag, WireReader& in);
  bool Single(const FieldPlan& field, WireReader& in, bool& is_default);
  bool Bytes(const FieldPlan& field, absl::string_view bytes);
  void Scalar(const FieldPlan& field, WireBits bits);
  void Default(const FieldPlan& field);

  // Members of an object and elements of a list, each with a comma behind it.
  bool Members(const MessagePlan& plan, absl::string_view wire);
  bool Elements(const FieldPlan& field, uint32_t tag, WireReader& in, size_t& count);
  bool Entry(const FieldPlan& field, const MapEntry& entry);
  bool EntryKey(const FieldPlan& key, const MapEntry& entry);

  // The well-known types.
  bool Time(const MessagePlan& plan, absl::string_view wire);
  bool FieldMask(absl::string_view wire);
  bool SoleField(const MessagePlan& plan, absl::string_view wire, const FieldPlan* wanted);
  bool Any(absl::string_view wire);
  bool AnyValue(absl::string_view url, absl::string_view value);

  // Takes the last comma back.
  void Close(char bracket);
  bool Malformed() { return failure_.Say("is no wire format of protobuf"); }
  bool Irregular() {
    found_irregular_ = true;
    return false;
  }
  absl::Status Result(bool good) const { return good ? absl::OkStatus() : failure_.status(); }

  const MessagePlans& plans_;
  MappingFailure failure_;
  ByteOutput out_;
  int depth_ = 0;
  // A message was met whose bytes are out of order: all is written anew, from regular ones.
  bool found_irregular_ = false;
  bool regularize_ = false;
};

}  // namespace arasta::gateway
