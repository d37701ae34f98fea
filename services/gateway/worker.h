// Everything of one core: its loop, its listening socket, its clients and its connections to backends.
// Workers share nothing but what never changes, generations of the configuration, and the buckets of the rate
// limits. Of a former generation, a worker keeps what the calls need that began under it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/mutex.h"
#include "services/gateway/exchange.h"
#include "services/gateway/front_connection.h"
#include "services/gateway/front_limits.h"
#include "services/gateway/front_sniffer.h"
#include "services/gateway/generation.h"
#include "services/gateway/open_gauges.h"

namespace arasta::gateway {

struct WorkerOptions {
  std::string issuer;
  int access_log_fd = -1;
  int64_t start_patience_ns = 0;  // as GatewayConfig says
};

class Worker final : private FrontConnection::Owner, private FrontSniffer::Listener {
 public:
  // `listener` is this worker's own.
  Worker(std::shared_ptr<const Generation> generation, WorkerOptions options, Socket listener);
  ~Worker();

  void Start();
  // Serves what begins from then on under `generation`, and calls `done` from the worker's thread.
  // Thread-safe.
  void Adopt(std::shared_ptr<const Generation> generation, std::function<void()> done);
  // Of a backend of the present generation. Thread-safe.
  void SetAddresses(const std::string& backend, std::vector<SocketAddress> addresses);
  // For what is connected from now on. Thread-safe.
  void UseCertificates(Certificates certificates);
  // Takes those who have connected, stops listening, lets calls finish, then calls `done` from the worker's
  // thread. Thread-safe.
  void Drain(std::function<void()> done);
  // Ends whatever is left. Thread-safe; the destructor does it too.
  void Stop();

  // OK with the token keys and a backend that is reached. At the start all of them have to be, for as long as
  // patience lasts: later, one that is away takes none of the others along. Thread-safe.
  absl::Status Ready() const;

 private:
  class Acceptor;
  struct Served;

  void Accept(Socket socket, const SocketAddress& from);
  void OnKnown(FrontSniffer& sniffer, FrontProtocol protocol) override;
  const FrontSecurity& security() const override;
  void OnClosed(FrontConnection& connection) override;
  ExchangeContext& context() override;
  void Serve(std::shared_ptr<const Generation> generation);
  std::shared_ptr<Backend> BackendFor(const BackendOptions& options);
  void EndRetired();
  void CheckReady();
  std::vector<absl::string_view> Lacking() const;
  OpenNow Open() const;
  void CheckDrained();

  const WorkerOptions options_;
  Loop loop_;
  // Of the present generation; connections look here whenever it matters.
  FrontLimits limits_;
  size_t buffered_bytes_ = 0;
  // What no generation wants any more, while connections end.
  std::vector<std::shared_ptr<Backend>> leaving_;
  std::vector<std::unique_ptr<Served>> retired_;
  std::unique_ptr<Served> served_;
  std::unique_ptr<Acceptor> listener_;
  // The same object twice: as what the loop polls and as a client's connection.
  absl::flat_hash_map<FrontConnection*, std::unique_ptr<Pollable>> clients_;
  std::function<void()> drained_;
  Timer check_ready_;
  OpenGauges gauges_;
  const int64_t patience_ends_ns_;
  bool reached_all_ = false;
  mutable Mutex mutex_;
  absl::Status ready_ ABSL_GUARDED_BY(mutex_) = absl::UnavailableError("not begun yet");
  std::thread thread_;
};

}  // namespace arasta::gateway
