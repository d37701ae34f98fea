// What has to be the same when a request id comes again.
#pragma once

#include <string>

#include "common/base/hash.h"
#include "common/base/uuid.h"

namespace arasta {

// SHA-256 of the request, its id spelt as the UUID's own: clients may write it in capitals.
template <typename Request>
std::string FingerprintOf(Request request, const Uuid& request_id) {
  request.set_request_id(request_id.ToString());
  const auto digest = Sha256(request.SerializeAsString());
  return std::string(digest.begin(), digest.end());
}

}  // namespace arasta
