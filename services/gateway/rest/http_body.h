// google.api.HttpBody: a body that is no JSON but itself, with a type of its own. Known by its name, as its
// contract comes with those of the services.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::gateway {

struct HttpBody {
  std::string content_type;
  std::string data;
};

bool IsHttpBody(const google::protobuf::Descriptor& type);
// Whether the field is a single one.
bool IsHttpBody(const google::protobuf::FieldDescriptor& field);

// The bytes of the message, or, with a `field`, of the message that holds it there.
std::string HttpBodyToWire(absl::string_view content_type, absl::string_view data,
                           const google::protobuf::FieldDescriptor* field);

// The other way round. None where it is not wire format, or its type is none that HTTP could tell.
absl::optional<HttpBody> HttpBodyIn(absl::string_view wire, const google::protobuf::FieldDescriptor* field);

}  // namespace arasta::gateway
