// Unary calls: one request, one response.
#include <grpcpp/support/async_unary_call.h>

#include <utility>

#include "common/rpc/server_call.h"
#include "common/rpc/status.h"
#include "common/rpc/wire.h"

namespace arasta::rpc {
namespace {

class UnaryCall final : public ServerCall, private ResponseSink {
 public:
  explicit UnaryCall(const Endpoint& endpoint) : ServerCall(endpoint), writer_(&context()) {}

  absl::Status ParseRequest() override {
    request_.reset(method().request_prototype->New());
    return ReadMessage(&request_bytes_, request_.get());
  }
  const Message* request() const override { return request_.get(); }

  absl::optional<absl::Status> RunFast() override {
    if (method().handlers.fast == nullptr) return absl::nullopt;
    return method().handlers.fast(call(), *request_, *this);
  }

  absl::optional<absl::Status> Run() override {
    if (method().handlers.unary == nullptr)
      return absl::InternalError("a fast handler without a blocking one gave up");
    return method().handlers.unary(call(), *request_, *this);
  }

 private:
  void Request() override {
    endpoint().service.RequestAsyncUnary(endpoint().index, &context(), &request_bytes_, &writer_,
                                         endpoint().queue, endpoint().queue, Tag(Operation::kAccept));
  }

  void Set(const Message& response) override { response_ = WriteMessage(response); }

  void SendStatus(const absl::Status& status) override {
    if (status.ok()) {
      writer_.Finish(response_, grpc::Status::OK, Tag(Operation::kFinish));
    } else {
      writer_.FinishWithError(ToGrpc(status), Tag(Operation::kFinish));
    }
  }

  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_;
  grpc::ByteBuffer request_bytes_;
  std::unique_ptr<Message> request_;
  grpc::ByteBuffer response_;
};

}  // namespace

std::shared_ptr<ServerCall> MakeUnaryCall(const ServerCall::Endpoint& endpoint) {
  return std::make_shared<UnaryCall>(endpoint);
}

}  // namespace arasta::rpc
