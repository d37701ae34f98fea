// Errors as clients see them: an absl::Status whose payloads are the google.rpc details, keyed by
// type URL ("type.googleapis.com/google.rpc.ErrorInfo"). common/rpc puts them on the wire.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace arasta {

using ErrorMetadata = std::vector<std::pair<std::string, std::string>>;

// An error with ErrorInfo{reason, domain "arasta", metadata}. `reason` is UPPER_SNAKE_CASE and stable:
// clients branch on it.
absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                   const ErrorMetadata& metadata = {});

// INVALID_ARGUMENT with a BadRequest naming the field by its path ("lines[0].quantity").
absl::Status InvalidField(absl::string_view field, absl::string_view description,
                          absl::string_view reason = "INVALID_FIELD");

// NOT_FOUND, reason NOT_FOUND, for a resource name such as "products/tea". Also the answer for what
// exists but belongs to somebody else.
absl::Status NotFound(absl::string_view resource_name);

// Adds a BadRequest: names the field of the request that an error of another code than INVALID_ARGUMENT is
// about.
absl::Status WithField(absl::Status status, absl::string_view field, absl::string_view description);

// Adds RetryInfo: how long the caller should wait before it tries again.
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// The reason in the ErrorInfo; empty where there is none.
std::string ReasonOf(const absl::Status& status);

// The value of `key` in the ErrorInfo's metadata; empty where there is none.
std::string MetadataOf(const absl::Status& status, const std::string& key);

// The delay in the RetryInfo; zero where there is none.
absl::Duration RetryAfterOf(const absl::Status& status);

}  // namespace arasta
