// Messages as gRPC carries them.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace arasta::rpc {

// Parses and validates. INVALID_ARGUMENT, reason MALFORMED, for what is no such message; it names the
// string that is not UTF-8, or "request" where all is garbage. Empties `bytes`.
absl::Status ReadMessage(grpc::ByteBuffer* bytes, google::protobuf::Message* message);

grpc::ByteBuffer WriteMessage(const google::protobuf::Message& message);

}  // namespace arasta::rpc
