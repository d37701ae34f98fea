// Streams that a worker reads or writes, one message at a time.
#include <grpcpp/support/async_stream.h>

#include <utility>

#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/rpc/server_call.h"
#include "common/rpc/status.h"
#include "common/rpc/wire.h"

namespace arasta::rpc {
namespace {

class ClientStreamCall final : public ServerCall, private RawReader, private ResponseSink {
 public:
  explicit ClientStreamCall(const Endpoint& endpoint) : ServerCall(endpoint), stream_(&context()) {}

  absl::optional<absl::Status> Run() override {
    return method().handlers.client_stream(call(), *this, *this);
  }

 private:
  void Request() override {
    endpoint().service.RequestAsyncClientStreaming(endpoint().index, &context(), &stream_, endpoint().queue,
                                                   endpoint().queue, Tag(Operation::kAccept));
  }

  bool Read(Message* request) override {
    if (!Receive()) return false;
    if (const absl::Status valid = ReadMessage(&bytes_, request); !valid.ok()) {
      Finish(valid);
      return false;
    }
    return true;
  }

  // Waits for the next message's bytes. gRPC ends the wait when the call is cancelled or expires.
  bool Receive() {
    MutexLock lock(mutex_);
    if (ended_) return false;
    reading_ = true;
    stream_.Read(&bytes_, Tag(Operation::kRead));
    while (reading_) read_.Wait(mutex_);
    return !ended_;
  }

  void OnOperation(Operation operation, bool ok) override {
    if (operation != Operation::kRead) return;
    MutexLock lock(mutex_);
    reading_ = false;
    ended_ = !ok;
    read_.NotifyOne();
  }

  void Set(const Message& response) override { response_ = WriteMessage(response); }

  void SendStatus(const absl::Status& status) override {
    if (status.ok()) {
      stream_.Finish(response_, grpc::Status::OK, Tag(Operation::kFinish));
    } else {
      stream_.FinishWithError(ToGrpc(status), Tag(Operation::kFinish));
    }
  }

  grpc::ServerAsyncReader<grpc::ByteBuffer, grpc::ByteBuffer> stream_;
  grpc::ByteBuffer bytes_;
  grpc::ByteBuffer response_;
  Mutex mutex_;
  CondVar read_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

class ServerStreamCall final : public ServerCall, private RawWriter {
 public:
  explicit ServerStreamCall(const Endpoint& endpoint) : ServerCall(endpoint), stream_(&context()) {}

  absl::Status ParseRequest() override {
    request_.reset(method().request_prototype->New());
    return ReadMessage(&request_bytes_, request_.get());
  }
  const Message* request() const override { return request_.get(); }

  absl::optional<absl::Status> Run() override {
    const absl::Status status = method().handlers.server_stream(call(), *request_, *this);
    if (call().Remaining() > absl::ZeroDuration()) return status;
    return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "the stream's time is over");
  }

 private:
  void Request() override {
    endpoint().service.RequestAsyncServerStreaming(endpoint().index, &context(), &request_bytes_, &stream_,
                                                   endpoint().queue, endpoint().queue,
                                                   Tag(Operation::kAccept));
  }

  bool Write(const Message& response) override {
    grpc::ByteBuffer bytes = WriteMessage(response);
    MutexLock lock(mutex_);
    while (writing_) written_.Wait(mutex_);
    if (broken_ || call().Cancelled()) return false;
    writing_ = true;
    stream_.Write(bytes, Tag(Operation::kWrite));
    return true;
  }

  void OnOperation(Operation operation, bool ok) override {
    if (operation != Operation::kWrite) return;
    MutexLock lock(mutex_);
    writing_ = false;
    broken_ = !ok;
    written_.NotifyOne();
    if (last_.has_value()) stream_.Finish(*last_, Tag(Operation::kFinish));
  }

  // gRPC takes the status only when the last message is on its way.
  void SendStatus(const absl::Status& status) override {
    MutexLock lock(mutex_);
    if (writing_) {
      last_ = ToGrpc(status);
    } else {
      stream_.Finish(ToGrpc(status), Tag(Operation::kFinish));
    }
  }

  grpc::ServerAsyncWriter<grpc::ByteBuffer> stream_;
  grpc::ByteBuffer request_bytes_;
  std::unique_ptr<Message> request_;
  Mutex mutex_;
  CondVar written_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  absl::optional<grpc::Status> last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::shared_ptr<ServerCall> MakeClientStreamCall(const ServerCall::Endpoint& endpoint) {
  return std::make_shared<ClientStreamCall>(endpoint);
}

std::shared_ptr<ServerCall> MakeServerStreamCall(const ServerCall::Endpoint& endpoint) {
  return std::make_shared<ServerStreamCall>(endpoint);
}

}  // namespace arasta::rpc
