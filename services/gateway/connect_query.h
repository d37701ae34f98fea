// The query of Connect's GET: ?connect=v1&encoding=json&message=…&base64=1&compression=gzip, in any order.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace arasta::gateway {

struct ConnectQuery {
  std::string version;
  std::string encoding;
  std::string compression;
  std::string message;
  // INVALID_ARGUMENT naming the parameter that is missing, or not percent-encoded, or not in base64 as it
  // says.
  absl::Status status;
};

// Of a request's target. What it does not know it ignores; of what comes twice, the first counts.
ConnectQuery ParseConnectQuery(absl::string_view target);

}  // namespace arasta::gateway
