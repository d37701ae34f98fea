// bench_echo: EchoService through our whole server stack, as a service of ours would serve it: token, access,
// deadline, bounds, metrics, a log line a call. Prints {"port":…,"token":…}: a user's token, good for ten
// minutes. With a certificate, key and authority as arguments it speaks TLS as our processes do among
// themselves.
#include <csignal>
#include <cstdio>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "arasta/testing/v1/echo_service.grpc.pb.h"
#include "common/auth/token_signer.h"
#include "common/auth/token_verifier.h"
#include "common/concurrency/worker_pool.h"
#include "common/log/log.h"
#include "common/rpc/server.h"
#include "common/rpc/service.h"

namespace arasta::bench {
namespace {

using testing::v1::EchoRequest;
using testing::v1::EchoResponse;
using testing::v1::ProbeRequest;
using testing::v1::ProbeResponse;

constexpr char kUser[] = "users/0190a8f0-0000-7000-8000-000000000001";
constexpr int kWorkers = 8;

class Echo {
 public:
  // On the queue's thread.
  absl::optional<absl::StatusOr<EchoResponse>> FastEcho(const Call& call, const EchoRequest& request) {
    return SlowEcho(call, request);
  }
  // On a worker.
  absl::StatusOr<EchoResponse> SlowEcho(const Call&, const EchoRequest& request) {
    EchoResponse response;
    response.set_text(request.text());
    return response;
  }
  absl::StatusOr<ProbeResponse> Probe(const Call&, const ProbeRequest&) { return ProbeResponse(); }
  absl::StatusOr<EchoResponse> Collect(const Call&, rpc::Reader<EchoRequest>&) {
    return absl::UnimplementedError("not timed");
  }
  absl::Status Repeat(const Call&, const EchoRequest&, rpc::Writer<EchoResponse>&) {
    return absl::UnimplementedError("not timed");
  }
  absl::Status Follow(const Call&, const EchoRequest&, rpc::Watch<EchoResponse>) {
    return absl::UnimplementedError("not timed");
  }
};

int Main(int argc, char** argv) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  log::Configure("bench_echo", log::Level::kInfo);

  const auth::TokenSigner signer(auth::SigningKey::Generate(), "arasta");
  auth::KeySet keys;
  keys.Add(signer.key().id(), signer.key().public_key());
  auth::TokenVerifier verifier("arasta");
  verifier.SetKeys(keys);

  rpc::ServerOptions options;
  options.verifier = &verifier;
  if (argc == 4) options.tls = {.certificate = argv[1], .key = argv[2], .ca = argv[3]};
  concurrency::WorkerPool workers("echo", kWorkers, 8 * kWorkers);
  rpc::Server server(options);
  Echo echo;
  rpc::Service<testing::v1::EchoService> service(server, workers);
  service.Add("EchoAsUser", &Echo::FastEcho, &Echo::SlowEcho, echo);
  for (const char* method : {"Echo", "EchoAsGuest", "EchoAsStaff", "EchoInternally", "EchoWithoutAccess"}) {
    service.Add(method, &Echo::SlowEcho, echo);
  }
  service.Add("Probe", &Echo::Probe, echo);
  service.Add("Collect", &Echo::Collect, echo);
  service.Add("Repeat", &Echo::Repeat, echo);
  service.Add("Follow", &Echo::Follow, echo);
  if (const absl::Status started = server.Start(); !started.ok()) {
    log::Error("cannot start", {{"status", started.ToString()}});
    return 1;
  }
  const absl::Time now = absl::Now();
  const std::string token = signer.Sign({.subject = kUser,
                                         .issue_time = now,
                                         .expire_time = now + auth::kMaxTokenLife,
                                         .authenticated_time = now});
  absl::PrintF("{\"port\":%d,\"token\":\"%s\"}\n", server.port(), token);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  server.Shutdown(absl::Seconds(1));
  return 0;
}

}  // namespace
}  // namespace arasta::bench

int main(int argc, char** argv) {
  return arasta::bench::Main(argc, argv);
}
