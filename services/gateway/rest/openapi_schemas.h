// The schemas of an OpenAPI document: messages and enums as protobuf's JSON mapping writes them, with the
// comments and the bounds of the contract.
#pragma once

#include <google/protobuf/descriptor.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace arasta::gateway {

using OrderedJson = nlohmann::ordered_json;

// Without the blanks around its lines.
std::string Tidied(absl::string_view comment);

// The comment of a method, a message, a field and the like.
template <class Descriptor>
std::string CommentOf(const Descriptor& descriptor) {
  google::protobuf::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return "";
  return Tidied(location.leading_comments.empty() ? location.trailing_comments : location.leading_comments);
}

bool IsRequired(const google::protobuf::FieldDescriptor& field);
// The comment, and what of the bounds a schema does not say.
std::string DescriptionOf(const google::protobuf::FieldDescriptor& field);

class OpenApiSchemas {
 public:
  // What answers hold says nothing of required fields: an answer leaves out what is not set. To be told of
  // all answers before anything else is asked.
  void NoteAnswer(const google::protobuf::Descriptor& type);

  // A reference, or the schema itself where it is short.
  OrderedJson Of(const google::protobuf::Descriptor& type);
  // With the field's comment. A parameter is a field in a path or a query.
  OrderedJson OfField(const google::protobuf::FieldDescriptor& field);
  OrderedJson OfParameter(const google::protobuf::FieldDescriptor& field);
  // The message, without the fields in `left_out`.
  OrderedJson Whole(const google::protobuf::Descriptor& type,
                    const std::set<const google::protobuf::FieldDescriptor*>& left_out);

  // All that were referred to, by name.
  const OrderedJson& all() const { return all_; }

 private:
  OrderedJson OfValue(const google::protobuf::FieldDescriptor& field);
  OrderedJson OfEnum(const google::protobuf::EnumDescriptor& type);

  OrderedJson all_ = OrderedJson::object();
  std::set<const google::protobuf::Descriptor*> in_answers_;
};

}  // namespace arasta::gateway
