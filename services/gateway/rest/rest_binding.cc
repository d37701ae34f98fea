#include "services/gateway/rest/rest_binding.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/gateway/rest/http_body.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {
namespace {

using google::api::HttpRule;

void ReadPattern(const HttpRule& rule, RestBinding& binding) {
  const auto set = [&binding](const char* http_method, const std::string& path) {
    binding.http_method = http_method;
    binding.path = path;
  };
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return set("GET", rule.get());
    case HttpRule::kPut:
      return set("PUT", rule.put());
    case HttpRule::kPost:
      return set("POST", rule.post());
    case HttpRule::kDelete:
      return set("DELETE", rule.delete_());
    case HttpRule::kPatch:
      return set("PATCH", rule.patch());
    case HttpRule::kCustom:
      return set(rule.custom().kind().c_str(), rule.custom().path());
    case HttpRule::PATTERN_NOT_SET:
      return;
  }
}

class Binder {
 public:
  Binder(const Method& method, const HttpRule& rule) : method_(*method.descriptor), rule_(rule) {
    binding_.method = &method;
  }

  absl::StatusOr<RestBinding> Bind() {
    ReadPattern(rule_, binding_);
    if (binding_.http_method.empty()) return Bad("has no HTTP method");
    ASSIGN_OR_RETURN(binding_.path_template, PathTemplate::Parse(binding_.path));
    for (const PathTemplate::Variable& variable : binding_.path_template.variables) {
      RETURN_IF_ERROR(BindVariable(variable.field_path));
    }
    RETURN_IF_ERROR(BindBody());
    RETURN_IF_ERROR(BindResponseBody());
    return binding_;
  }

 private:
  absl::Status BindVariable(const std::string& name) {
    const FieldPath path = FindFieldPath(*method_.input_type(), name, FieldNames::kProto);
    if (path.empty()) return Bad(absl::StrCat("has the variable ", name, ", which is no field"));
    if (path.back()->is_repeated() || !FitsInText(*path.back()))
      return Bad(absl::StrCat("has the variable ", name, ", which is not a single value"));
    for (const FieldPath& other : binding_.variables) {
      if (other == path) return Bad(absl::StrCat("has the variable ", name, " twice"));
    }
    binding_.variables.push_back(path);
    return absl::OkStatus();
  }

  absl::Status BindBody() {
    if (rule_.body().empty()) return absl::OkStatus();
    binding_.body = rule_.body() == "*" ? RestBinding::Body::kWhole : RestBinding::Body::kField;
    binding_.raw_request = IsHttpBody(*method_.input_type());
    if (binding_.body == RestBinding::Body::kWhole) return absl::OkStatus();
    binding_.body_field = FindFieldPath(*method_.input_type(), rule_.body(), FieldNames::kProto);
    if (binding_.body_field.empty())
      return Bad(absl::StrCat("has the body ", rule_.body(), ", which is no field"));
    binding_.raw_request = IsHttpBody(*binding_.body_field.back());
    return absl::OkStatus();
  }

  absl::Status BindResponseBody() {
    binding_.raw_answer = IsHttpBody(*method_.output_type());
    if (rule_.response_body().empty()) return absl::OkStatus();
    binding_.response_body = method_.output_type()->FindFieldByName(rule_.response_body());
    if (binding_.response_body == nullptr)
      return Bad(absl::StrCat("has the response_body ", rule_.response_body(), ", which is no field"));
    binding_.raw_answer = IsHttpBody(*binding_.response_body);
    return absl::OkStatus();
  }

  absl::Status Bad(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("the path \"", binding_.path, "\" ", what));
  }

  const google::protobuf::MethodDescriptor& method_;
  const HttpRule& rule_;
  RestBinding binding_;
};

}  // namespace

absl::StatusOr<RestBinding> BindRule(const Method& method, const HttpRule& rule) {
  return Binder(method, rule).Bind();
}

}  // namespace arasta::gateway
