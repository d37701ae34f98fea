// The gRPC server: completion queues on our own threads, as many as usable cores. Handlers are plain
// functions registered through service.h; the life of a call is pipeline.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/auth/token_verifier.h"
#include "common/base/clock.h"
#include "common/rpc/tls.h"

namespace arasta::rpc {

struct Method;
class ReflectionHandlers;
class ServerCore;

struct ServerOptions {
  std::string listen = "127.0.0.1:0";
  TlsFiles tls = {};
  // Not owned. Without one, only methods that need no principal can be called.
  const auth::TokenVerifier* verifier = nullptr;
  // Fetches the token keys anew (JwksSource::Refresh); called on a worker when a token names an unknown
  // one. Where it fails, the call is answered UNAVAILABLE. May be empty.
  std::function<absl::Status()> refresh_keys = {};
  // In cleartext, who a caller is that does not say so itself. Ignored with TLS.
  std::string cleartext_peer = "gateway";
  // Called once when the listener no longer answers. The process should end and be started again.
  std::function<void()> on_dead_listener = {};
  int max_message_bytes = 4 << 20;
  // Tells the gateway and operators of all services, by grpc.reflection.
  bool reflection = false;
  // A connection this old, give or take a tenth, takes no more calls: its peer makes another, and looks up
  // anew whom the name stands for, which is how replicas that came since are found. Zero: never.
  absl::Duration connection_age = absl::ZeroDuration();
  // Then its calls may go on for that long, and are cut off. Streams end with their token, which is sooner.
  absl::Duration connection_grace = auth::kMaxTokenLife + absl::Minutes(1);
  // Calls under way at once, watches included; more are refused with RESOURCE_EXHAUSTED.
  int max_calls = 10000;
  // 0 means the usable cores.
  int threads = 0;
  absl::Duration watchdog_interval = absl::Seconds(5);
  const Clock* clock = &RealClock();
};

// Order of use: construct, register services, Start, Shutdown. Thread-safe after Start.
class Server {
 public:
  explicit Server(ServerOptions options);
  // Shuts down without grace.
  ~Server();

  // Binds and serves. Fails where the address can't be bound, a certificate can't be read, or a method
  // of a registered service has no handler (such calls would wait for ever).
  absl::Status Start();
  // The bound port; after Start.
  int port() const;

  // Health answers NOT_SERVING from now on, calls go on.
  void SetDraining();
  // Ends watches with UNAVAILABLE, refuses new calls, lets the others finish within `grace` and cancels
  // what is left. Returns when every call has ended. Workers must still be running.
  void Shutdown(absl::Duration grace);

  // For service.h; before Start.
  void Register(Method method);

 private:
  std::unique_ptr<ReflectionHandlers> reflection_;
  std::unique_ptr<ServerCore> core_;
};

}  // namespace arasta::rpc
