// "shipping_address.lines": a field of a message, or of one nested in it.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace arasta::gateway {

// From the outermost; the fields that hold others are single messages.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

enum class FieldNames {
  kProto,
  kProtoOrJson,  // page_size, pageSize
};

// Empty where there is no such field.
FieldPath FindFieldPath(const google::protobuf::Descriptor& type, absl::string_view path, FieldNames names);

// As the contract writes it.
std::string NameOf(const FieldPath& path);

// Whether `inner` is `outer` or lies within it.
bool IsWithin(const FieldPath& inner, const FieldPath& outer);

// Whether one piece of text can say a value of the field: a scalar, an enum, or a message that JSON writes as
// a string or a number. Of a repeated field, one of its items.
bool FitsInText(const google::protobuf::FieldDescriptor& field);

// `bytes` are of the message that holds the last field of `path`; appended as the outermost message's. An
// empty path is that message itself.
void AppendNested(const FieldPath& path, std::string bytes, std::string& wire);

}  // namespace arasta::gateway
