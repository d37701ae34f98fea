// The requests that a run sends: a file with a line each,
//
//   VERB <tab> path <tab> bearer token, may be empty <tab> message in base64
//
// The message is bare; the protocol's frame is put around it once, when the file is read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/load/outcome.h"

namespace arasta::bench {

struct Request {
  std::string verb;
  std::string path;
  std::vector<std::pair<std::string, std::string>> fields;  // In lower case; without pseudo fields.
  std::string body;
};

// `more` fields are added to each, as "name:value". INVALID_ARGUMENT names the line that is wrong.
absl::StatusOr<std::vector<Request>> ReadRequests(const std::string& file, Protocol protocol,
                                                  const std::vector<std::string>& more);

}  // namespace arasta::bench
