#include "common/rpc/server_call.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/call_span.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/server_core.h"

namespace arasta::rpc {
namespace {

std::shared_ptr<ServerCall> MakeCall(const ServerCall::Endpoint& endpoint) {
  const Handlers& handlers = endpoint.method.handlers;
  if (handlers.client_stream != nullptr) return MakeClientStreamCall(endpoint);
  if (handlers.server_stream != nullptr) return MakeServerStreamCall(endpoint);
  if (handlers.watch != nullptr) return MakeWatchCall(endpoint);
  if (handlers.conversation != nullptr) return MakeConversationCall(endpoint);
  return MakeUnaryCall(endpoint);
}

}  // namespace

void ServerCall::Await(const Endpoint& endpoint) {
  const std::shared_ptr<ServerCall> call = MakeCall(endpoint);
  call->context_.AsyncNotifyWhenDone(call->Tag(Operation::kDone));
  call->Request();
}

ServerCall::ServerCall(const Endpoint& endpoint) : endpoint_(endpoint) {
  core().Born();
}

ServerCall::~ServerCall() {
  if (admitted_) core().Leave();
  core().Gone();
}

void* ServerCall::Tag(Operation operation) {
  Slot& slot = slots_[static_cast<size_t>(operation)];
  slot.call = shared_from_this();
  return &slot;
}

void ServerCall::OnEvent(void* tag, bool ok) {
  Slot& slot = *static_cast<Slot*>(tag);
  // Taken out first: the next operation of the same kind may start while this event is handled.
  const std::shared_ptr<ServerCall> call = std::move(slot.call);
  switch (slot.operation) {
    case Operation::kAccept:
      return call->OnAccept(ok);
    case Operation::kDone:
      if (call->context_.IsCancelled()) call->cancelled_->store(true, std::memory_order_relaxed);
      return call->OnDone();
    default:
      return call->OnOperation(slot.operation, ok);
  }
}

void ServerCall::OnAccept(bool ok) {
  if (!ok) {
    // The server shuts down, no call came: gRPC won't say that it is done, either.
    slots_[static_cast<size_t>(Operation::kDone)].call.reset();
    return;
  }
  Await(endpoint_);
  start_time_ = absl::Now();
  RunPipeline(shared_from_this());
}

bool ServerCall::Admit() {
  if (!admitted_) admitted_ = core().Enter();
  return admitted_;
}

trace::Context ServerCall::BeginSpan(const absl::optional<trace::Context>& parent) {
  if (method().any_peer) return trace::Context::NewUnsampled();
  if (!span_.has_value()) span_.emplace(ServerSpan(method(), parent));
  return span_->context();
}

void ServerCall::Finish(const absl::Status& status) {
  if (finished_.exchange(true)) return;
  core().Record(*this, status, absl::Now() - start_time_);
  if (span_.has_value()) EndServerSpan(*span_, *call_, status);
  SendStatus(status);
}

}  // namespace arasta::rpc
