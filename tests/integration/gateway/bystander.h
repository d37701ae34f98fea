// A stream through the gateway that minds its own business, and ends with the backend connection that all
// calls of a worker share.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <utility>

#include "grpc/testing/test.grpc.pb.h"

namespace arasta::gateway {

class Bystander {
 public:
  explicit Bystander(std::unique_ptr<grpc::testing::TestService::Stub> stub)
      : stub_(std::move(stub)), stream_(stub_->FullDuplexCall(&context_)) {}
  ~Bystander() { context_.TryCancel(); }

  bool Answers() {
    grpc::testing::StreamingOutputCallResponse response;
    return stream_->Write(grpc::testing::StreamingOutputCallRequest()) && stream_->Read(&response);
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::testing::TestService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<grpc::testing::StreamingOutputCallRequest,
                                           grpc::testing::StreamingOutputCallResponse>>
      stream_;
};

}  // namespace arasta::gateway
