// absl::Status as our code uses it ↔ grpc::Status as the wire knows it.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace arasta::rpc {

// The payloads travel as google.rpc.Status in grpc-status-details-bin. INTERNAL, UNKNOWN and DATA_LOSS
// become INTERNAL and say nothing of their cause: that is for the log.
grpc::Status ToGrpc(const absl::Status& status);

// What a peer answered, with its details.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace arasta::rpc
