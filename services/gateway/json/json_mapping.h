// protobuf's JSON mapping, straight between JSON text and wire bytes: descriptors guide it, no message object
// is built. JSON is read strictly (RFC 8259).
#pragma once

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace arasta::gateway {

class MessagePlans;

// Immutable after construction; thread-safe. Everything appends to its last argument, and leaves there what
// it likes when it fails. INVALID_ARGUMENT names the field by its path ("lines[2].quantity"), or the place in
// the text.
class JsonMapping {
 public:
  // In JSON; on the wire they are always skipped.
  enum class UnknownFields { kIgnore, kRefuse };

  // `pool` outlives it; google.protobuf.Any finds its types there.
  explicit JsonMapping(const google::protobuf::DescriptorPool& pool,
                       UnknownFields unknown_fields = UnknownFields::kIgnore);
  ~JsonMapping();
  JsonMapping(const JsonMapping&) = delete;
  JsonMapping& operator=(const JsonMapping&) = delete;

  absl::Status ToWire(const google::protobuf::Descriptor& type, absl::string_view json,
                      std::string& wire) const;
  absl::Status ToJson(const google::protobuf::Descriptor& type, absl::string_view wire,
                      std::string& json) const;

  // The same for one field of a message, a repeated one or a map included: its tags and values.
  absl::Status FieldToWire(const google::protobuf::FieldDescriptor& field, absl::string_view json,
                           std::string& wire) const;
  // `wire` is the whole message; a field that it lacks is written as its default.
  absl::Status FieldToJson(const google::protobuf::FieldDescriptor& field, absl::string_view wire,
                           std::string& json) const;
  // A value as it stands in a path or a query: without quotes. Not for messages but those of one JSON string
  // or number (Timestamp, Duration, FieldMask, wrappers).
  absl::Status TextToWire(const google::protobuf::FieldDescriptor& field, absl::string_view text,
                          std::string& wire) const;

 private:
  std::unique_ptr<MessagePlans> plans_;
  bool refuse_unknown_;
};

}  // namespace arasta::gateway
