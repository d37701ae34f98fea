// One rule of google.api.http: which HTTP requests are for a method, and where their parts go in its request
// message.
#pragma once

#include <google/api/http.pb.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/rest/field_path.h"
#include "services/gateway/rest/path_template.h"

namespace arasta::gateway {

struct Method;

struct RestBinding {
  enum class Body {
    kNone,
    kWhole,  // "*": the whole message but for what the path says; there is no query then
    kField,  // `body_field`
  };

  const Method* method = nullptr;
  std::string http_method;  // "GET"; "*" is any
  std::string path;         // as the contract writes it
  PathTemplate path_template;
  std::vector<FieldPath> variables;  // the fields of those of the template
  Body body = Body::kNone;
  FieldPath body_field;
  // The field of the answer that is the HTTP answer's body; null where all of it is.
  const google::protobuf::FieldDescriptor* response_body = nullptr;
  // Where they are a google.api.HttpBody, HTTP's bodies are not JSON but its data.
  bool raw_request = false;
  bool raw_answer = false;
};

// INVALID_ARGUMENT where the rule names what its messages do not have.
absl::StatusOr<RestBinding> BindRule(const Method& method, const google::api::HttpRule& rule);

}  // namespace arasta::gateway
