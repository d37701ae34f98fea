#include "common/rpc/process.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/admin/certificate.h"
#include "common/log/log.h"
#include "common/rpc/jwks_source.h"

namespace arasta::rpc {
namespace {

constexpr absl::Duration kGrace = absl::Seconds(20);
constexpr absl::Duration kLongestDrain = absl::Seconds(30);

sigset_t Terminations() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Threads started from here on leave these signals to Serve.
void BlockTerminations() {
  const sigset_t signals = Terminations();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

// gRPC loses its listener when descriptors run out, so it gets all that the system allows.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// gRPC's own complaints as lines of our log.
void LogForGrpc(gpr_log_func_args* args) {
  log::Write(args->severity == GPR_LOG_SEVERITY_ERROR ? log::Level::kWarning : log::Level::kDebug, "grpc",
             {{"detail", args->message}});
}

// What is wrong with a request's message is answered to its sender; protobuf's own complaint is for the
// curious.
void LogForProtobuf(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  log::Debug("protobuf", {{"detail", message}});
}

// Ends the process on a second signal, or when draining takes too long.
void LimitDrain() {
  std::thread([] {
    const sigset_t signals = Terminations();
    const timespec patience = absl::ToTimespec(kLongestDrain);
    // Being stopped and continued, as by a debugger, interrupts the wait and is no second signal.
    while (sigtimedwait(&signals, nullptr, &patience) < 0 && errno == EINTR) {
    }
    _exit(1);
  }).detach();
}

std::string HostOf(const std::string& listen) {
  return listen.substr(0, listen.rfind(':'));
}

}  // namespace

ProcessOptions ReadProcessOptions(config::Config& config, absl::string_view name) {
  ProcessOptions options;
  options.name = std::string(name);
  options.listen =
      config.Address("ARASTA_LISTEN", "127.0.0.1:0", "Address to serve on; port 0 picks a free one");
  options.admin_listen = config.Address("ARASTA_ADMIN_LISTEN", "127.0.0.1:0",
                                        "Cleartext address of /metrics, /livez and /readyz");
  options.tls.certificate = config.File("ARASTA_TLS_CERT", "PEM file with our certificate chain");
  options.tls.key = config.File("ARASTA_TLS_KEY", "PEM file with the certificate's private key");
  options.tls.ca =
      config.File("ARASTA_TLS_CA", "PEM file with the authorities that our peers' certificates come from");
  if (options.tls.empty()
          ? config.IsProduction()
          : options.tls.certificate.empty() || options.tls.key.empty() || options.tls.ca.empty()) {
    config.AddProblem(
        "ARASTA_TLS_CERT, ARASTA_TLS_KEY and ARASTA_TLS_CA belong together; cleartext is for the profiles "
        "local and test");
  }
  if (name != "auth") options.auth_address = ReadPeerAddress(config, "auth");
  options.issuer =
      config.String("ARASTA_TOKEN_ISSUER", std::string(auth::kDefaultIssuer), "`iss` of access tokens");
  options.log_level = config.OneOf("ARASTA_LOG_LEVEL", {"info", "debug", "warning", "error"},
                                   "debug, info, warning or error");
  options.traces = otlp::ReadTraceSettings(config);
  options.reflection = config.Bool("ARASTA_REFLECTION", !config.IsProduction(),
                                   "Tell the gateway and operators of our services, by grpc.reflection");
  options.connection_age = config.Duration(
      "ARASTA_CONNECTION_AGE", absl::Minutes(5), absl::ZeroDuration(), absl::Hours(24),
      "When a caller's connection takes no more calls, so that the caller looks up our name again and finds "
      "replicas that are new; 0 is never");
  options.drain_delay = config.Duration(
      "ARASTA_DRAIN_DELAY", config.IsProduction() ? absl::Seconds(5) : absl::Milliseconds(100),
      absl::ZeroDuration(), absl::Seconds(10),
      "How long calls are still taken after SIGTERM: gRPC cancels those that come while it shuts down, so "
      "callers must have noticed by then");
  return options;
}

std::string ReadPeerAddress(config::Config& config, absl::string_view peer) {
  const std::string variable = absl::StrCat("ARASTA_", absl::AsciiStrToUpper(peer), "_ADDRESS");
  std::string address =
      config.Required(variable, absl::StrCat("host:port of ", peer, "; of several replicas ip:port,ip:port"));
  if (address.empty()) return address;
  for (absl::string_view each : absl::StrSplit(address, ',', absl::SkipWhitespace())) {
    each = absl::StripAsciiWhitespace(each);
    if (!config::IsAddress(each)) config.AddProblem(absl::StrCat(variable, ": ", each, " is not host:port"));
  }
  const absl::Status usable = TargetOf(address).status();
  if (!usable.ok()) config.AddProblem(absl::StrCat(variable, ": ", usable.message()));
  return address;
}

Process::Process(ProcessOptions options)
    : options_(std::move(options)),
      admin_(options_.admin_listen, metrics::Default()),
      verifier_(options_.issuer) {
  BlockTerminations();
  RaiseDescriptorLimit();
  gpr_set_log_function(&LogForGrpc);
  google::protobuf::SetLogHandler(&LogForProtobuf);
  log::Configure(options_.name, log::LevelFromName(options_.log_level));
  log::NeverWait();
  traces_ = otlp::TraceExporter::Start(options_.traces, options_.name);

  if (const TlsFiles& tls = options_.tls; !tls.empty()) {
    admin_.AddCertificate(tls.certificate);
    admin_.AddCertificate(tls.ca);
    admin_.AddReadiness("certificate", [tls] { return admin::CheckCertificate(tls.certificate, tls.key); });
  }
  ServerOptions server;
  server.listen = options_.listen;
  server.tls = options_.tls;
  server.verifier = &verifier_;
  server.reflection = options_.reflection;
  server.connection_age = options_.connection_age;
  server.on_dead_listener = [this] {
    failed_ = true;
    kill(getpid(), SIGTERM);
  };
  if (!options_.auth_address.empty()) {
    auth_channel_ = Connect("auth", options_.auth_address);
    jwks_ = std::make_unique<JwksSource>([this] { return FetchKeys(*auth_channel_); }, verifier_);
    server.refresh_keys = [this] { return jwks_->Refresh(); };
    admin_.AddReadiness("token_keys", [this] { return jwks_->Ready(); });
  }
  server_ = std::make_unique<Server>(std::move(server));
}

Process::~Process() = default;

std::unique_ptr<Channel> Process::Connect(absl::string_view peer, const std::string& address) const {
  return std::make_unique<Channel>(ChannelOptions{
      .address = address, .peer = std::string(peer), .self = options_.name, .tls = options_.tls});
}

int Process::Serve() {
  for (const absl::Status& started : {admin_.Start(), server_->Start()}) {
    if (started.ok()) continue;
    log::Error("cannot start", {{"status", started.ToString()}});
    admin_.Stop();
    return 1;
  }
  if (jwks_ != nullptr) jwks_->Start();
  log::Info("serving", {{"address", absl::StrCat(HostOf(options_.listen), ":", server_->port())},
                        {"admin_address", admin_.address()}});
  const sigset_t signals = Terminations();
  int signal = 0;
  sigwait(&signals, &signal);
  return Drain();
}

int Process::Drain() {
  log::Info("draining");
  LimitDrain();
  admin_.SetDraining();
  server_->SetDraining();
  if (!failed_) absl::SleepFor(options_.drain_delay);
  for (auto stop = stops_.rbegin(); stop != stops_.rend(); ++stop) (*stop)();
  server_->Shutdown(kGrace);
  admin_.Stop();  // Its checks look at what goes before this does.
  log::Info("drained");
  return failed_ ? 1 : 0;
}

}  // namespace arasta::rpc
