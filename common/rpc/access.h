// May this caller call this method? Read from the contract; what it does not allow is refused.
#pragma once

#include "absl/status/status.h"
#include "common/call/call.h"
#include "common/rpc/method.h"

namespace arasta::rpc {

// In cleartext, where a process says who it is.
inline constexpr char kCleartextPeerHeader[] = "x-arasta-peer";

// PERMISSION_DENIED for the wrong process or kind of principal, UNAUTHENTICATED where a token is missing.
absl::Status Authorise(const Method& method, const Call& call);

}  // namespace arasta::rpc
