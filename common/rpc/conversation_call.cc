// Streams in which every request is answered by one response, at once, on the queue's thread. An idle one
// holds no worker, and the next request is read only when the response before it is on its way.
#include <grpcpp/support/async_stream.h>

#include <utility>

#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/rpc/server_call.h"
#include "common/rpc/server_core.h"
#include "common/rpc/status.h"
#include "common/rpc/wire.h"

namespace arasta::rpc {
namespace {

class ConversationCall final : public ServerCall, private ResponseSink {
 public:
  explicit ConversationCall(const Endpoint& endpoint)
      : ServerCall(endpoint), request_(endpoint.method.request_prototype->New()), stream_(&context()) {}

  absl::optional<absl::Status> Run() override {
    // Like a watch, it would outlast any grace.
    if (const absl::Status watched = core().AddWatch(shared_from_this()); !watched.ok()) return watched;
    stream_.Read(&bytes_, Tag(Operation::kRead));
    return absl::nullopt;
  }

 private:
  void Request() override {
    endpoint().service.RequestAsyncBidiStreaming(endpoint().index, &context(), &stream_, endpoint().queue,
                                                 endpoint().queue, Tag(Operation::kAccept));
  }

  void OnOperation(Operation operation, bool ok) override {
    if (operation == Operation::kRead) {
      if (!ok) return Finish(absl::OkStatus());  // the client has asked all it wanted to
      if (const absl::Status answered = Answer(); !answered.ok()) Finish(answered);
    } else if (operation == Operation::kWrite) {
      OnWritten(ok);
    }
  }

  absl::Status Answer() {
    RETURN_IF_ERROR(ReadMessage(&bytes_, request_.get()));
    RETURN_IF_ERROR(method().handlers.conversation(call(), *request_, *this));
    MutexLock lock(mutex_);
    if (ended_) return absl::OkStatus();
    writing_ = true;
    stream_.Write(response_, Tag(Operation::kWrite));
    return absl::OkStatus();
  }

  void OnWritten(bool ok) {
    MutexLock lock(mutex_);
    writing_ = false;
    if (last_.has_value()) return stream_.Finish(*last_, Tag(Operation::kFinish));
    if (ok && !ended_) stream_.Read(&bytes_, Tag(Operation::kRead));
  }

  void Set(const Message& response) override { response_ = WriteMessage(response); }

  void OnDone() override {
    core().RemoveWatch(this);
    Finish(absl::CancelledError("the client has gone"));
  }

  // gRPC takes the status only when the last message is on its way.
  void SendStatus(const absl::Status& status) override {
    MutexLock lock(mutex_);
    ended_ = true;
    if (writing_) {
      last_ = ToGrpc(status);
    } else {
      stream_.Finish(ToGrpc(status), Tag(Operation::kFinish));
    }
  }

  const std::unique_ptr<Message> request_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_;
  grpc::ByteBuffer bytes_;
  grpc::ByteBuffer response_;
  Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::optional<grpc::Status> last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::shared_ptr<ServerCall> MakeConversationCall(const ServerCall::Endpoint& endpoint) {
  return std::make_shared<ConversationCall>(endpoint);
}

}  // namespace arasta::rpc
