#include "common/rpc/wire.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include "common/base/errors.h"
#include "common/rpc/validate.h"

namespace arasta::rpc {

absl::Status ReadMessage(grpc::ByteBuffer* bytes, google::protobuf::Message* message) {
  if (!grpc::GenericDeserialize<grpc::ProtoBufferReader, google::protobuf::Message>(bytes, message).ok()) {
    return Error(absl::StatusCode::kInvalidArgument, "MALFORMED",
                 "the request is not a valid " + message->GetDescriptor()->full_name());
  }
  return Validate(*message);
}

grpc::ByteBuffer WriteMessage(const google::protobuf::Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, &bytes, &own_buffer);
  return bytes;
}

}  // namespace arasta::rpc
