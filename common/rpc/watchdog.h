// gRPC 1.51 gives up a listener for ever when accept fails once, as it does when file descriptors run
// out, and tells nobody: the port is open and nothing answers. So we dial ourselves.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace arasta::rpc {

enum class Pulse { kAlive, kDead, kUnknown };

// Connects to `listen` (host:port as configured, with `port` bound) and waits for any reaction: bytes, or
// the connection closed. Unknown where we can't even dial, for lack of file descriptors.
Pulse Dial(const std::string& listen, int port, absl::Duration patience);

}  // namespace arasta::rpc
