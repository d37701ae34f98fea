#include "services/gateway/rest/rest_request.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/gateway/json/json_text.h"
#include "services/gateway/json/mapping_failure.h"
#include "services/gateway/routes.h"
#include "services/gateway/url_text.h"

namespace arasta::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

absl::Status AppendText(const FieldPath& path, absl::string_view text, const JsonMapping& json,
                        std::string& wire) {
  std::string bytes;
  if (const absl::Status status = json.TextToWire(*path.back(), text, bytes); !status.ok()) {
    absl::string_view what = status.message();
    absl::ConsumePrefix(&what, absl::StrCat(path.back()->name(), ": "));
    return InvalidField(NameOf(path), what);
  }
  AppendNested(path, std::move(bytes), wire);
  return absl::OkStatus();
}

class Query {
 public:
  Query(const RestBinding& binding, const JsonMapping& json, std::string& wire)
      : binding_(binding), json_(json), wire_(wire) {}

  absl::Status Read(absl::string_view query) {
    for (const absl::string_view parameter : absl::StrSplit(query, '&', absl::SkipEmpty())) {
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(parameter, absl::MaxSplits('=', 1));
      std::string name, text;
      const bool decoded = UnescapeUrl(parts.first, UrlPart::kQuery, name) && IsUtf8(name) &&
                           UnescapeUrl(parts.second, UrlPart::kQuery, text);
      if (!decoded) return InvalidField("query", "is not percent-encoded UTF-8");
      RETURN_IF_ERROR(Add(name, text));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Add(const std::string& name, const std::string& text) {
    const FieldPath path =
        FindFieldPath(*binding_.method->descriptor->input_type(), name, FieldNames::kProtoOrJson);
    if (const absl::string_view problem = ProblemOf(path); !problem.empty())
      return InvalidField(path.empty() ? MappingFailure::Clipped(name) : NameOf(path), problem);
    return AppendText(path, text, json_, wire_);
  }

  // Why the query may not say the field; empty where it may.
  absl::string_view ProblemOf(const FieldPath& path) {
    if (path.empty()) return "is not a parameter of this request";
    const bool in_path =
        std::find(binding_.variables.begin(), binding_.variables.end(), path) != binding_.variables.end();
    if (in_path) return "is said by the path";
    const bool in_body = binding_.body == RestBinding::Body::kWhole ||
                         (binding_.body == RestBinding::Body::kField && IsWithin(path, binding_.body_field));
    if (in_body) return "belongs in the body";
    const FieldDescriptor& field = *path.back();
    if (!FitsInText(field)) return "does not fit in a query";
    if (field.is_repeated()) return "";
    const FieldPath parents(path.begin(), path.end() - 1);
    if (!seen_.insert({parents, &field}).second) return "is there twice";
    const OneofDescriptor* choice = field.real_containing_oneof();
    if (choice != nullptr && !seen_.insert({parents, choice}).second)
      return "is one of several that exclude each other";
    return "";
  }

  const RestBinding& binding_;
  const JsonMapping& json_;
  std::string& wire_;
  // Single fields and choices (oneofs), by what they are in.
  absl::flat_hash_set<std::pair<FieldPath, const void*>> seen_;
};

}  // namespace

absl::Status ParametersToWire(const RestBinding& binding, const std::vector<std::string>& variables,
                              absl::string_view query, const JsonMapping& json, std::string& wire) {
  RETURN_IF_ERROR(Query(binding, json, wire).Read(query));
  for (size_t i = 0; i < variables.size(); ++i) {
    RETURN_IF_ERROR(AppendText(binding.variables[i], variables[i], json, wire));
  }
  return absl::OkStatus();
}

absl::Status BodyToWire(const RestBinding& binding, absl::string_view body, const JsonMapping& json,
                        std::string& wire) {
  if (body.empty()) return absl::OkStatus();
  if (binding.body == RestBinding::Body::kNone) return InvalidField("body", "this request has none");
  const bool whole = binding.body == RestBinding::Body::kWhole;
  std::string bytes;
  const absl::Status status = whole ? json.ToWire(*binding.method->descriptor->input_type(), body, bytes)
                                    : json.FieldToWire(*binding.body_field.back(), body, bytes);
  // What is no JSON at all is in no field.
  if (!status.ok()) return ReasonOf(status).empty() ? InvalidField("body", status.message()) : status;
  AppendNested(binding.body_field, std::move(bytes), wire);
  return absl::OkStatus();
}

}  // namespace arasta::gateway
