// absl::Status as our code uses it ↔ grpc::Status as the wire knows it.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace arasta::rpc {

// The payloads travel as google.rpc.Status in grpc-status-details-bin. INTERNAL, UNKNOWN and DATA_LOSS
// become INTERNAL and say nothing of their cause: that is for the log. A status without a reason leaves with
// its code for one, as clients branch on reasons.
grpc::Status ToGrpc(const absl::Status& status);

// What a peer answered, with its details.
absl::Status FromGrpc(const grpc::Status& status);

// As FromGrpc where `peer`, a service, gave a reason. Without one gRPC speaks, of addresses and sockets:
// UNAVAILABLE with reason PEER_UNAVAILABLE where the connection failed, DEADLINE_EXCEEDED, or the code with
// reason PEER_ERROR; with our own words and metadata {service: `peer`}.
absl::Status FromPeer(const grpc::Status& status, const std::string& peer);

}  // namespace arasta::rpc
