// Every rule of google.api.http that the served methods have.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/rest/path_matcher.h"
#include "services/gateway/rest/rest_binding.h"

namespace arasta::gateway {

struct Method;

// Immutable; shared by all workers.
class RestRoutes {
 public:
  // `methods` outlive it. INVALID_ARGUMENT names the method whose rule is wrong, or both where two have rules
  // for the same requests.
  static absl::StatusOr<RestRoutes> Build(const std::vector<std::unique_ptr<Method>>& methods);

  // `match.rule` is an index into bindings().
  PathMatch Find(absl::string_view http_method, absl::string_view path) const {
    return matcher_.Find(http_method, path);
  }
  const std::vector<RestBinding>& bindings() const { return bindings_; }

 private:
  absl::Status Add(const Method& method, const google::api::HttpRule& rule);

  std::vector<RestBinding> bindings_;
  PathMatcher matcher_;
};

}  // namespace arasta::gateway
