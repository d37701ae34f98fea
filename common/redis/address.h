// Where a Redis is, as settings spell it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace arasta::redis {

struct Address {
  // Of "host:port", "rediss://host:port" (by TLS) or "unix:/path", and of nothing else: users and passwords
  // are never in an address, which is printed wherever it helps.
  static absl::optional<Address> Parse(absl::string_view text);

  bool is_local() const { return host.empty(); }

  bool by_tls = false;
  std::string host = {};
  int port = 0;
  std::string path = {};  // of a Unix socket, where there is no host
};

}  // namespace arasta::redis
