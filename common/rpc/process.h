// The common life of a service: admin port, token keys, server, SIGTERM. A main.cc is
//
//   config::Config config(argc, argv);
//   rpc::ProcessOptions options = rpc::ReadProcessOptions(config, "catalog");
//   …the service's own settings…
//   config.FinishOrExit();
//   rpc::Process process(std::move(options));
//   …pools, stores, service…
//   rpc::Service<v1::CatalogService> catalog(process.server(), workers);
//   …Add…
//   return process.Serve();
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/admin/server.h"
#include "common/auth/token_verifier.h"
#include "common/config/config.h"
#include "common/otlp/trace_exporter.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"

namespace arasta::rpc {

class JwksSource;

struct ProcessOptions {
  std::string name = {};  // "catalog": what our certificate says, and the log.
  std::string listen;
  std::string admin_listen;
  TlsFiles tls;
  std::string auth_address;  // Where the token keys come from; empty for auth itself.
  std::string issuer;
  std::string log_level;
  otlp::TraceSettings traces = {};
  bool reflection = false;
  absl::Duration connection_age = absl::ZeroDuration();  // As ServerOptions say.
  absl::Duration drain_delay;  // How long calls are still taken after SIGTERM, until peers have noticed.
};

// ARASTA_LISTEN, ARASTA_ADMIN_LISTEN, ARASTA_TLS_{CERT,KEY,CA}, ARASTA_AUTH_ADDRESS (unless `name` is
// "auth"), ARASTA_TOKEN_ISSUER, ARASTA_LOG_LEVEL, ARASTA_TRACES_{ENDPOINT,RATIO}, ARASTA_REFLECTION,
// ARASTA_CONNECTION_AGE, ARASTA_DRAIN_DELAY.
ProcessOptions ReadProcessOptions(config::Config& config, absl::string_view name);

// ARASTA_<PEER>_ADDRESS, which is needed: where Process::Connect finds `peer`.
std::string ReadPeerAddress(config::Config& config, absl::string_view peer);

// Construct before starting threads: it configures the log and takes SIGTERM and SIGINT.
class Process {
 public:
  explicit Process(ProcessOptions options);
  ~Process();

  Server& server() { return *server_; }
  admin::Server& admin() { return admin_; }
  // Its keys are fetched from auth; auth itself sets them.
  auth::TokenVerifier& verifier() { return verifier_; }

  // A channel to another process of ours, with our certificate.
  std::unique_ptr<Channel> Connect(absl::string_view peer, const std::string& address) const;

  // Ends background work (relay, consumers, sweepers) and hands back leases; called in reverse order
  // when the process drains, before the server shuts down.
  void OnStop(std::function<void()> stop) { stops_.push_back(std::move(stop)); }

  // Serves until SIGTERM or SIGINT, then: readiness and health off, `drain_delay` more of serving, the
  // stops, 20 s for the calls under way. Returns the exit code: 0 after a drain, 1 where it could not
  // start or the listener died. A second signal, or 30 s of draining, ends the process at once.
  int Serve();

 private:
  int Drain();

  ProcessOptions options_;
  // Goes last, with what the others did to the end.
  std::unique_ptr<otlp::TraceExporter> traces_;
  admin::Server admin_;
  auth::TokenVerifier verifier_;
  std::unique_ptr<Channel> auth_channel_;
  std::unique_ptr<JwksSource> jwks_;
  std::unique_ptr<Server> server_;
  std::atomic<bool> failed_{false};  // The listener has died.
  std::vector<std::function<void()>> stops_;
};

}  // namespace arasta::rpc
