#include "services/gateway/rest/rest_routes.h"

#include <google/api/annotations.pb.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/gateway/routes.h"

namespace arasta::gateway {

absl::StatusOr<RestRoutes> RestRoutes::Build(const std::vector<std::unique_ptr<Method>>& methods) {
  RestRoutes routes;
  for (const auto& method : methods) {
    const google::protobuf::MethodOptions& options = method->descriptor->options();
    if (!options.HasExtension(google::api::http)) continue;
    const google::api::HttpRule& rule = options.GetExtension(google::api::http);
    RETURN_IF_ERROR(routes.Add(*method, rule));
    for (const google::api::HttpRule& more : rule.additional_bindings()) {
      RETURN_IF_ERROR(routes.Add(*method, more));
    }
  }
  return routes;
}

absl::Status RestRoutes::Add(const Method& method, const google::api::HttpRule& rule) {
  const std::string& name = method.descriptor->full_name();
  absl::StatusOr<RestBinding> binding = BindRule(method, rule);
  if (!binding.ok()) return absl::InvalidArgumentError(absl::StrCat(name, ": ", binding.status().message()));
  const absl::optional<size_t> other =
      matcher_.Add(binding->http_method, binding->path_template, bindings_.size());
  if (other) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " and ", bindings_[*other].method->descriptor->full_name(), " are both for ",
                     binding->http_method, " ", binding->path));
  }
  bindings_.push_back(*std::move(binding));
  return absl::OkStatus();
}

}  // namespace arasta::gateway
