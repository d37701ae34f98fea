// One call under way: the gRPC operations it has begun, and exactly one answer. Subclasses are the five
// kinds; pipeline.cc is what happens in between.
#pragma once

#include <grpcpp/grpcpp.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/call/call.h"
#include "common/rpc/method.h"
#include "common/rpc/raw_service.h"
#include "common/trace/span.h"

namespace arasta::rpc {

class ServerCore;

// Lives as long as an operation of it is under way or somebody holds it. Its events arrive on the thread
// of its completion queue; Finish may come from any thread.
class ServerCall : public std::enable_shared_from_this<ServerCall> {
 public:
  // Where a call of a method comes in.
  struct Endpoint {
    ServerCore& core;
    RawService& service;
    const Method& method;
    int index;  // Of the method in `service`.
    grpc::ServerCompletionQueue* queue;
  };

  // Waits for the next call. Whoever takes it waits for the one after.
  static void Await(const Endpoint& endpoint);
  // A queue's thread has an event.
  static void OnEvent(void* tag, bool ok);

  virtual ~ServerCall();

  ServerCore& core() { return endpoint_.core; }
  const Method& method() const { return endpoint_.method; }
  grpc::ServerContext& context() { return context_; }

  // For the pipeline, in this order.
  // False where too many calls are under way. Asking again is free.
  bool Admit();
  // What the call runs under: its span. Probes have none.
  trace::Context BeginSpan(const absl::optional<trace::Context>& parent);
  // What is known of the call, and again when more is known.
  void Begin(Call call) { call_.emplace(std::move(call)); }
  bool begun() const { return call_.has_value(); }
  const Call& call() const { return *call_; }
  // Parses and validates the message of a call that begins with one.
  virtual absl::Status ParseRequest() { return absl::OkStatus(); }
  // The message, for the log; null before ParseRequest, and for client streams.
  virtual const Message* request() const { return nullptr; }
  // Nullopt where it has to go to a worker.
  virtual absl::optional<absl::Status> RunFast() { return absl::nullopt; }
  // Runs the handler. Nullopt where it goes on by itself (a watch).
  virtual absl::optional<absl::Status> Run() = 0;
  // Answers; only the first does. Safe from any thread.
  void Finish(const absl::Status& status);

  // Set when the client has gone or the server gave the call up.
  std::shared_ptr<const std::atomic<bool>> cancelled() const { return cancelled_; }

 protected:
  enum class Operation { kAccept, kDone, kRead, kWrite, kFinish, kAlarm };

  explicit ServerCall(const Endpoint& endpoint);

  // The tag of an operation that starts now; it keeps the call alive until its event.
  void* Tag(Operation operation);
  // Starts the operation that waits for a call.
  virtual void Request() = 0;
  virtual void OnOperation(Operation, bool /*ok*/) {}
  // The call is over for the client, whether answered or cancelled.
  virtual void OnDone() {}
  virtual void SendStatus(const absl::Status& status) = 0;

  const Endpoint& endpoint() const { return endpoint_; }

 private:
  struct Slot {
    Operation operation;
    std::shared_ptr<ServerCall> call;  // Set while the operation is under way.
  };

  void OnAccept(bool ok);

  const Endpoint endpoint_;
  grpc::ServerContext context_;
  absl::optional<Call> call_;
  absl::optional<trace::Span> span_;
  absl::Time start_time_;
  bool admitted_ = false;
  std::atomic<bool> finished_{false};
  const std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  std::array<Slot, 6> slots_ = {Slot{Operation::kAccept, nullptr}, Slot{Operation::kDone, nullptr},
                                Slot{Operation::kRead, nullptr},   Slot{Operation::kWrite, nullptr},
                                Slot{Operation::kFinish, nullptr}, Slot{Operation::kAlarm, nullptr}};
};

// Makes the call object that fits the method's kind: one a kind, each in its own file.
std::shared_ptr<ServerCall> MakeUnaryCall(const ServerCall::Endpoint& endpoint);
std::shared_ptr<ServerCall> MakeClientStreamCall(const ServerCall::Endpoint& endpoint);
std::shared_ptr<ServerCall> MakeServerStreamCall(const ServerCall::Endpoint& endpoint);
std::shared_ptr<ServerCall> MakeWatchCall(const ServerCall::Endpoint& endpoint);
std::shared_ptr<ServerCall> MakeConversationCall(const ServerCall::Endpoint& endpoint);

}  // namespace arasta::rpc
