// Idle watches: streams that hold no worker, fed from any thread.
#include <grpcpp/alarm.h>
#include <grpcpp/support/async_stream.h>

#include <deque>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/rpc/server_call.h"
#include "common/rpc/server_core.h"
#include "common/rpc/status.h"
#include "common/rpc/wire.h"

namespace arasta::rpc {
namespace {

constexpr size_t kMaxUnsent = 64;

class WatchCall final : public ServerCall {
 public:
  explicit WatchCall(const Endpoint& endpoint) : ServerCall(endpoint), stream_(&context()) {}

  absl::Status ParseRequest() override {
    request_.reset(method().request_prototype->New());
    return ReadMessage(&request_bytes_, request_.get());
  }
  const Message* request() const override { return request_.get(); }
  absl::optional<absl::Status> Run() override;

  bool Push(const Message& response);
  void OnEnd(absl::AnyInvocable<void()> callback);

 private:
  void Request() override {
    endpoint().service.RequestAsyncServerStreaming(endpoint().index, &context(), &request_bytes_, &stream_,
                                                   endpoint().queue, endpoint().queue,
                                                   Tag(Operation::kAccept));
  }

  void SetAlarm() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnOperation(Operation operation, bool ok) override;
  void OnDone() override;
  void SendStatus(const absl::Status& status) override;
  absl::Status TimeIsOver() const;

  grpc::ServerAsyncWriter<grpc::ByteBuffer> stream_;
  grpc::ByteBuffer request_bytes_;
  std::unique_ptr<Message> request_;

  Mutex mutex_;
  std::deque<grpc::ByteBuffer> unsent_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  absl::optional<grpc::Status> last_ ABSL_GUARDED_BY(mutex_);  // Set once the stream is to end.
  grpc::Alarm alarm_ ABSL_GUARDED_BY(mutex_);                  // Rings when the call's time is over.
  std::vector<absl::AnyInvocable<void()>> callbacks_ ABSL_GUARDED_BY(mutex_);
};

// What handles share. It does not keep the call alive (the call's own operations do), so a handle that
// is kept for ever can't hold up Shutdown; and when the last handle goes, so does the stream.
class WatchSink final : public RawWatch {
 public:
  explicit WatchSink(std::weak_ptr<WatchCall> call) : call_(std::move(call)) {}
  ~WatchSink() override {
    Finish(Error(absl::StatusCode::kUnavailable, "WATCH_ENDED", "the stream has ended"));
  }

  bool Write(const Message& response) override {
    const std::shared_ptr<WatchCall> call = call_.lock();
    return call != nullptr && call->Push(response);
  }
  void Finish(const absl::Status& status) override {
    if (const std::shared_ptr<WatchCall> call = call_.lock()) call->Finish(status);
  }
  void OnCancel(absl::AnyInvocable<void()> callback) override {
    const std::shared_ptr<WatchCall> call = call_.lock();
    if (call == nullptr) return callback();
    call->OnEnd(std::move(callback));
  }

 private:
  const std::weak_ptr<WatchCall> call_;
};

absl::optional<absl::Status> WatchCall::Run() {
  const auto self = std::static_pointer_cast<WatchCall>(shared_from_this());
  {
    MutexLock lock(mutex_);
    if (done_) return absl::CancelledError("the client has gone");
    RETURN_IF_ERROR(core().AddWatch(self));
    SetAlarm();
  }
  const auto sink = std::make_shared<WatchSink>(self);
  // Before the sink goes, which would end the stream in its own words.
  if (const absl::Status status = method().handlers.watch(call(), *request_, sink); !status.ok())
    Finish(status);
  return absl::nullopt;
}

void WatchCall::SetAlarm() {
  if (call().deadline() == absl::InfiniteFuture()) return;
  alarm_.Set(endpoint().queue, absl::ToChronoTime(call().deadline()), Tag(Operation::kAlarm));
}

bool WatchCall::Push(const Message& response) {
  grpc::ByteBuffer bytes = WriteMessage(response);
  {
    MutexLock lock(mutex_);
    if (done_ || last_.has_value()) return false;
    if (unsent_.size() < kMaxUnsent) {
      unsent_.push_back(std::move(bytes));
      Pump();
      return true;
    }
    unsent_.clear();
  }
  Finish(Error(absl::StatusCode::kResourceExhausted, "SLOW_READER", "the client reads too slowly"));
  return false;
}

// One operation at a time, in order; the status is the last.
void WatchCall::Pump() {
  if (writing_) return;
  if (!unsent_.empty()) {
    writing_ = true;
    stream_.Write(unsent_.front(), Tag(Operation::kWrite));
    unsent_.pop_front();
  } else if (last_.has_value()) {
    writing_ = true;
    stream_.Finish(*last_, Tag(Operation::kFinish));
  }
}

void WatchCall::SendStatus(const absl::Status& status) {
  MutexLock lock(mutex_);
  last_ = ToGrpc(status);
  Pump();
}

void WatchCall::OnOperation(Operation operation, bool ok) {
  if (operation == Operation::kAlarm && ok) return Finish(TimeIsOver());
  if (operation != Operation::kWrite) return;
  MutexLock lock(mutex_);
  writing_ = false;
  if (!ok) unsent_.clear();
  Pump();
}

void WatchCall::OnDone() {
  std::vector<absl::AnyInvocable<void()>> callbacks;
  {
    MutexLock lock(mutex_);
    done_ = true;
    unsent_.clear();
    alarm_.Cancel();
    callbacks.swap(callbacks_);
  }
  core().RemoveWatch(this);
  Finish(absl::CancelledError("the client has gone"));
  for (auto& callback : callbacks) callback();
}

void WatchCall::OnEnd(absl::AnyInvocable<void()> callback) {
  {
    MutexLock lock(mutex_);
    if (!done_) {
      callbacks_.push_back(std::move(callback));
      return;
    }
  }
  callback();
}

absl::Status WatchCall::TimeIsOver() const {
  if (absl::Now() >= call().principal().expire_time) {
    return Error(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED", "the access token has expired");
  }
  return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "the stream's time is over");
}

}  // namespace

std::shared_ptr<ServerCall> MakeWatchCall(const ServerCall::Endpoint& endpoint) {
  return std::make_shared<WatchCall>(endpoint);
}

}  // namespace arasta::rpc
