// Everything of one core: its loop, its listening socket, its clients and its connections to backends.
// Workers share nothing but what never changes, and the buckets of the rate limits.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/gateway/exchange.h"
#include "services/gateway/front_connection.h"
#include "services/gateway/front_limits.h"
#include "services/gateway/front_sniffer.h"

namespace arasta::gateway {

struct WorkerOptions {
  std::vector<BackendOptions> backends;
  int auth_backend = -1;  // index into `backends`, or -1
  std::string issuer;
  FrontLimits limits;
  FrontSecurity security;
  TrustedProxies proxies;
  int access_log_fd = -1;
};

class Worker final : private FrontConnection::Owner, private FrontSniffer::Listener {
 public:
  // `routes`, `cors` and `rates` outlive the worker; `listener` is this worker's own.
  Worker(const RouteTable& routes, const Cors& cors, RateLimiter& rates, WorkerOptions options,
         Socket listener);
  ~Worker();

  void Start();
  // Takes those who have connected, stops listening, lets calls finish, then calls `done` from the worker's
  // thread. Thread-safe.
  void Drain(std::function<void()> done);
  // Ends whatever is left. Thread-safe; the destructor does it too.
  void Stop();

  // Every backend has a connection and the token keys are there. Thread-safe.
  bool ready() const { return ready_; }

 private:
  class Acceptor;

  void Accept(Socket socket, const SocketAddress& from);
  void OnKnown(FrontSniffer& sniffer, FrontProtocol protocol) override;
  const FrontSecurity& security() const override { return options_.security; }
  void OnClosed(FrontConnection& connection) override;
  void CheckReady();
  void CheckDrained();

  const WorkerOptions options_;
  Loop loop_;
  std::vector<std::unique_ptr<Backend>> backends_;
  std::unique_ptr<Authenticator> authenticator_;
  CallLog calls_;
  absl::optional<ExchangeContext> context_;
  std::unique_ptr<Acceptor> listener_;
  // The same object twice: as what the loop polls and as a client's connection.
  absl::flat_hash_map<FrontConnection*, std::unique_ptr<Pollable>> clients_;
  std::function<void()> drained_;
  Timer check_ready_;
  std::atomic<bool> ready_ = false;
  std::thread thread_;
};

}  // namespace arasta::gateway
