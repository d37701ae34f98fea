// grpc.health.v1, ours: gRPC's own brings sync threads. One answer for all services of the process.
#pragma once

#include <list>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/base/mutex.h"
#include "common/call/call.h"
#include "common/rpc/stream.h"
#include "grpc/health/v1/health.pb.h"

namespace arasta::rpc {

// Thread-safe.
class Health {
 public:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;

  void SetServing(bool serving);

  absl::optional<absl::StatusOr<Response>> Check(const Call& call, const Request& request);
  // Sends the state now and whenever it changes.
  absl::Status Watch(const Call& call, const Request& request, rpc::Watch<Response> watch);

 private:
  Response State() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = true;
  std::list<rpc::Watch<Response>> watches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace arasta::rpc
