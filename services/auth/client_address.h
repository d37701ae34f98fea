// Whom to charge for an attempt, by where it comes from.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace arasta::auth {

// The network of the last hop in `forwarded_for`, which the gateway wrote itself: an IPv4 address, or
// an IPv6 /64 (a household's worth). What clients claim before it is ignored. "unknown" when it is no
// address, so that rubbish shares one counter instead of escaping them all.
std::string ClientNetwork(absl::string_view forwarded_for);

}  // namespace arasta::auth
