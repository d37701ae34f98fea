// Checks what arasta.options.v1 says of fields by reflection, so that handlers see only messages that
// keep their contract.
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace arasta::rpc {

// INVALID_ARGUMENT naming the path of every field that breaks its bounds ("lines[0].quantity"), holds
// control characters that it may not hold or an enum value that the contract does not name, the first eight
// of them. Never echoes a value.
absl::Status Validate(const google::protobuf::Message& message);

}  // namespace arasta::rpc
