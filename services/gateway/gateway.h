// The whole data path as one object: routes, workers, drain. main.cc adds the admin port and signals;
// tests run it as it is.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/gateway/config.h"
#include "services/gateway/rate_sharing.h"
#include "services/gateway/tls.h"
#include "services/gateway/worker.h"

namespace arasta::gateway {

// Start once. Thread-safe after Start.
class Gateway {
 public:
  explicit Gateway(GatewayConfig config);
  ~Gateway();

  // Reads descriptors and certificates, listens, and serves. Backends need not be there.
  absl::Status Start();
  // host:port, with the port that was bound.
  const std::string& address() const { return address_; }
  // OK once every worker reaches every backend and has the token keys.
  absl::Status Ready() const;
  // Stops listening and waits for the calls that run; what is left after `timeout` is cut off.
  void Drain(absl::Duration timeout);

 private:
  absl::StatusOr<FrontSecurity> Security() const;
  absl::StatusOr<std::vector<BackendOptions>> ResolveBackends() const;
  absl::Status StartWorkers(const WorkerOptions& options);

  const GatewayConfig config_;
  RouteTable routes_;
  const Cors cors_;
  RateLimiter rates_;
  std::unique_ptr<TlsContext> tls_;
  std::string address_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<RateSharing> rate_sharing_;
  std::jthread rate_sharing_thread_;
};

}  // namespace arasta::gateway
