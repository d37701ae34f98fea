// The whole data path as one object: configuration, workers, drain. main.cc adds the admin port and signals;
// tests run it as it is.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/gateway/config.h"
#include "services/gateway/generation.h"
#include "services/gateway/rate_sharing.h"
#include "services/gateway/worker.h"

namespace arasta::gateway {

// Start once; all but address and Ready belong to one thread.
class Gateway {
 public:
  explicit Gateway(GatewayConfig config);
  ~Gateway();

  // Reads descriptors and certificates, listens, and serves. Backends need not be there.
  absl::Status Start();
  // What begins from now on is served under `config`; what runs ends under what it began with. Where `config`
  // can't be served, everything stays as it is. Where to listen, and with how many workers, is not changed.
  absl::Status Reload(const GatewayConfig& config);
  // Looks whether the files of the certificates have changed. If so they hold for what is connected from now
  // on; ones that are wrong change nothing but the log.
  void RefreshCertificates();
  // host:port, with the port that was bound.
  const std::string& address() const { return address_; }
  // OK once every worker is, as Worker::Ready says; else what one of them lacks.
  absl::Status Ready() const;
  // Stops listening and waits for the calls that run; what is left after `timeout` is cut off.
  void Drain(absl::Duration timeout);

 private:
  void WatchNames(const std::vector<BackendConfig>& backends);
  absl::Status StartWorkers(const std::shared_ptr<const Generation>& generation);

  const GatewayConfig config_;
  std::shared_ptr<RateLimiter> rates_;
  CertificateFiles certificates_;
  // Those that are served, the present one last.
  std::vector<std::weak_ptr<const Generation>> generations_;
  std::string address_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<RateSharing> rate_sharing_;
  std::jthread rate_sharing_thread_;
  // Tells the workers.
  Resolver resolver_;
};

}  // namespace arasta::gateway
