// What the calls of one server share. Only common/rpc sees it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/rpc/health.h"
#include "common/rpc/method.h"
#include "common/rpc/raw_service.h"
#include "common/rpc/server.h"
#include "common/rpc/server_call.h"
#include "common/rpc/telemetry.h"

namespace arasta::rpc {

// See Server for the order of use.
class ServerCore {
 public:
  explicit ServerCore(ServerOptions options);

  void Register(Method method);
  std::vector<std::string> ServiceNames() const;
  absl::Status Start();
  void Shutdown(absl::Duration grace);
  int port() const { return port_; }
  Health& health() { return health_; }

  // For calls.
  const ServerOptions& options() const { return options_; }
  // Of every call object, also of those that wait for a call: Shutdown waits for the last to go.
  void Born() { alive_.fetch_add(1); }
  void Gone() {
    if (alive_.fetch_sub(1) == 1) alive_.notify_all();
  }
  // A place among the calls under way; false where there is none left. Leave gives it back.
  bool Enter();
  void Leave();
  // UNAVAILABLE once the server shuts down.
  absl::Status AddWatch(const std::shared_ptr<ServerCall>& watch);
  void RemoveWatch(ServerCall* watch);
  // One line of log and the metrics of a call that has its answer.
  void Record(const ServerCall& call, const absl::Status& status, absl::Duration duration);

 private:
  struct RegisteredService {
    std::unique_ptr<RawService> raw;
    std::vector<std::unique_ptr<Method>> methods;  // By the index in the descriptor.
  };

  absl::Status CheckAllMethodsHaveHandlers() const;
  void AwaitCalls();
  void StartThreads();
  void WatchListener(const std::stop_token& stop);
  void EndWatches();
  void WaitForCalls() const;

  const ServerOptions options_;
  Health health_;
  absl::flat_hash_map<const google::protobuf::ServiceDescriptor*, RegisteredService> services_;
  absl::flat_hash_map<const Method*, std::unique_ptr<Telemetry>> telemetry_;

  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::vector<std::thread> threads_;
  std::jthread watchdog_;
  int port_ = 0;
  std::atomic<int> alive_{0};
  std::atomic<int> calls_{0};

  Mutex mutex_;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<ServerCall*, std::weak_ptr<ServerCall>> watches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace arasta::rpc
