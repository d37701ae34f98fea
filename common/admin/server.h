// The cleartext admin port of a process: /metrics, /livez, /readyz.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/base/mutex.h"
#include "common/metrics/metrics.h"

namespace httplib {
class Server;
}

namespace arasta::admin {

// Start once; the destructor stops. Thread-safe from Start to Stop.
class Server {
 public:
  // OK, or why the process can't serve just now. Called for /readyz from one of the server's threads, one
  // call at a time: one that waits for what does not answer leaves the other thread to /livez and /metrics.
  using Check = std::function<absl::Status()>;

  // `listen_address` is host:port or [v6]:port; port 0 picks a free one.
  Server(std::string listen_address, metrics::Registry& registry);
  ~Server();

  // Before Start only.
  void AddReadiness(std::string name, Check check);

  // Before Start only. /metrics tells until when the certificate in that PEM file is good.
  void AddCertificate(std::string file) { certificates_.push_back(std::move(file)); }

  // INVALID_ARGUMENT for a malformed address, UNAVAILABLE where it can't be bound.
  absl::Status Start();

  // Answers nobody any more; returns when the last check has.
  void Stop();

  int port() const { return port_; }
  // host:port with the port that was bound.
  std::string address() const;

  // /readyz answers 503 from now on, /livez goes on answering 200.
  void SetDraining() { draining_ = true; }

 private:
  void AddRoutes();
  std::string Metrics() const;
  std::pair<bool, std::string> Readiness();
  std::pair<bool, std::string> AskChecks() const;

  const std::string listen_address_;
  metrics::Registry& registry_;
  std::vector<std::pair<std::string, Check>> checks_;
  std::vector<std::string> certificates_;
  std::atomic<bool> draining_{false};
  Mutex mutex_;
  absl::optional<absl::Time> asked_since_ ABSL_GUARDED_BY(mutex_);  // while the checks are asked
  std::pair<bool, std::string> known_ ABSL_GUARDED_BY(mutex_){false, "not known yet\n"};
  std::string host_;
  int port_ = 0;
  std::unique_ptr<httplib::Server> http_;
  std::thread thread_;
};

}  // namespace arasta::admin
