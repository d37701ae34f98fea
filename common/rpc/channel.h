// Calls to our other processes: one channel a peer, made once; Invoke spends what is left of the
// caller's deadline and retries what the contract says may be retried.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/rpc/retry_budget.h"
#include "common/rpc/tls.h"
#include "google/protobuf/descriptor.h"

namespace arasta::rpc {

struct ChannelOptions {
  std::string address = {};  // As TargetOf takes it.
  std::string peer = {};     // The service that must answer: its certificate carries spiffe://arasta/<peer>.
  std::string self = {};     // Our own name, told to the peer in cleartext, where no certificate says it.
  TlsFiles tls = {};
};

// gRPC's name for "host:port", whose every address is used, or for "ip:port,ip:port", a replica each.
// INVALID_ARGUMENT for anything else.
absl::StatusOr<std::string> TargetOf(const std::string& addresses);

template <typename Service>
class Stub;

// Spreads its calls over the peer's replicas that serve, by their health. Connects lazily and reconnects by
// itself. Thread-safe.
class Channel {
 public:
  explicit Channel(ChannelOptions options);

  template <typename Service>
  rpc::Stub<Service> Stub();

  const std::shared_ptr<grpc::Channel>& grpc() const { return channel_; }
  const std::string& peer() const { return options_.peer; }
  const std::string& self() const { return options_.self; }
  bool cleartext() const { return options_.tls.empty(); }
  RetryBudget& budget() { return budget_; }

 private:
  ChannelOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
  RetryBudget budget_;
};

// A peer's service: what Invoke calls. The channel outlives it. Thread-safe.
template <typename Service>
class Stub {
 public:
  explicit Stub(Channel& channel) : channel_(channel), stub_(Service::NewStub(channel.grpc())) {}

  Channel& channel() { return channel_; }
  typename Service::Stub& grpc() { return *stub_; }

 private:
  Channel& channel_;
  std::unique_ptr<typename Service::Stub> stub_;
};

template <typename Service>
rpc::Stub<Service> Channel::Stub() {
  return rpc::Stub<Service>(*this);
}

struct InvokeOptions {
  // The most this call may take, whatever the caller has left.
  absl::Duration max = absl::Seconds(5);
};

// The method of `service` with these types; null where there is none or more than one.
const google::protobuf::MethodDescriptor* FindMethod(absl::string_view service,
                                                     const google::protobuf::Descriptor* request,
                                                     const google::protobuf::Descriptor* response);

// One attempt: fills the context and tells the status.
using Attempt = absl::FunctionRef<grpc::Status(grpc::ClientContext*)>;
absl::Status InvokeAttempts(const Call& call, Channel& channel,
                            const google::protobuf::MethodDescriptor* method, const InvokeOptions& options,
                            Attempt attempt);

// Calls `method` of the peer with the rest of the caller's deadline less max(20 ms, 5 %), its trace and
// request id. UNAVAILABLE is tried again, within the deadline and a budget of 10 %, where the contract
// declares the method idempotent. The status carries the peer's error details, or is FromPeer's.
//
//   ASSIGN_OR_RETURN(v1::Reservation reservation,
//                    rpc::Invoke(call, inventory_, &v1::InventoryService::Stub::ReserveStock, request));
template <typename Service, typename StubType, typename Request, typename Response>
absl::StatusOr<Response> Invoke(const Call& call, Stub<Service>& stub,
                                grpc::Status (StubType::*method)(grpc::ClientContext*, const Request&,
                                                                 Response*),
                                const Request& request, const InvokeOptions& options = {}) {
  static const google::protobuf::MethodDescriptor* const descriptor =
      FindMethod(Service::service_full_name(), Request::descriptor(), Response::descriptor());
  Response response;
  absl::Status status =
      InvokeAttempts(call, stub.channel(), descriptor, options, [&](grpc::ClientContext* context) {
        response.Clear();
        return (stub.grpc().*method)(context, request, &response);
      });
  if (!status.ok()) return status;
  return response;
}

}  // namespace arasta::rpc
