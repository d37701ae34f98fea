// The query of Connect's GET: ?connect=v1&encoding=json&message=…&base64=1&compression=gzip, in any order.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::gateway {

struct ConnectQuery {
  std::string version;
  std::string encoding;
  std::string compression;
  absl::StatusOr<std::string> message;  // INVALID_ARGUMENT where there is none, or not in base64 as it says
};

// Of a request's target. What it does not know it ignores; of what comes twice, the first counts.
ConnectQuery ParseConnectQuery(absl::string_view target);

}  // namespace arasta::gateway
