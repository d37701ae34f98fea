// A gRPC service made from a descriptor whose requests and responses travel as bytes.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>

#include <deque>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

namespace arasta::rpc {

// Does what the generated WithRawMethod_* classes do, for all methods, in the order of the descriptor.
class RawService : public grpc::Service {
 public:
  explicit RawService(const google::protobuf::ServiceDescriptor* descriptor) {
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const auto* method = descriptor->method(i);
      names_.push_back(absl::StrCat("/", descriptor->full_name(), "/", method->name()));
      AddMethod(new grpc::internal::RpcServiceMethod(names_.back().c_str(), TypeOf(*method), nullptr));
      MarkMethodRaw(i);
    }
  }

  using grpc::Service::RequestAsyncBidiStreaming;
  using grpc::Service::RequestAsyncClientStreaming;
  using grpc::Service::RequestAsyncServerStreaming;
  using grpc::Service::RequestAsyncUnary;

 private:
  static grpc::internal::RpcMethod::RpcType TypeOf(const google::protobuf::MethodDescriptor& method) {
    if (method.client_streaming() && method.server_streaming())
      return grpc::internal::RpcMethod::BIDI_STREAMING;
    if (method.client_streaming()) return grpc::internal::RpcMethod::CLIENT_STREAMING;
    if (method.server_streaming()) return grpc::internal::RpcMethod::SERVER_STREAMING;
    return grpc::internal::RpcMethod::NORMAL_RPC;
  }

  std::deque<std::string> names_;  // gRPC keeps pointers to them.
};

}  // namespace arasta::rpc
