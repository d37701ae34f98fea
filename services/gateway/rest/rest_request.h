// The request message of a REST call, as wire bytes that are simply put one after the other: whoever reads
// them merges the occurrences of a message, and takes the last of a single value.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/json/json_mapping.h"
#include "services/gateway/rest/rest_binding.h"

namespace arasta::gateway {

// What the path and the query say. INVALID_ARGUMENT names the field, or the parameter that is none: a filter
// with a typo must not find everything. `variables` are those of the binding's template.
absl::Status ParametersToWire(const RestBinding& binding, const std::vector<std::string>& variables,
                              absl::string_view query, const JsonMapping& json, std::string& wire);

// What the body says, which comes before the parameters. No body at all is a message that says nothing.
absl::Status BodyToWire(const RestBinding& binding, absl::string_view body, const JsonMapping& json,
                        std::string& wire);

}  // namespace arasta::gateway
