#include "services/gateway/gateway.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/spiffe.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace arasta::gateway {
namespace {

int UsableCores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return std::max(1, CPU_COUNT(&cores));
}

absl::StatusOr<google::protobuf::FileDescriptorSet> ReadAll(const std::vector<std::string>& files) {
  google::protobuf::FileDescriptorSet all;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const google::protobuf::FileDescriptorSet set, ReadDescriptors(file));
    all.MergeFrom(set);
  }
  return all;
}

}  // namespace

Gateway::Gateway(GatewayConfig config)
    : config_(std::move(config)), cors_(config_.cors), rates_(config_.rates) {
  // OpenSSL writes with write(2), which has no MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
}

Gateway::~Gateway() = default;

absl::Status Gateway::Start() {
  ASSIGN_OR_RETURN(const google::protobuf::FileDescriptorSet files, ReadAll(config_.descriptors));
  std::vector<std::string> names;
  for (const BackendConfig& backend : config_.backends) names.push_back(backend.name);
  ASSIGN_OR_RETURN(routes_, RouteTable::Build(files, config_.routes, names, config_.max_request_bytes));
  if (config_.reflection) routes_.AddReflection(config_.max_request_bytes);
  if (!config_.tls.empty()) {
    ASSIGN_OR_RETURN(tls_, TlsContext::ForClient(config_.tls));
  }
  WorkerOptions options;
  ASSIGN_OR_RETURN(options.backends, ResolveBackends());
  const auto auth = std::find(names.begin(), names.end(), config_.auth_backend);
  if (auth != names.end()) options.auth_backend = static_cast<int>(auth - names.begin());
  options.issuer = config_.issuer;
  options.limits = config_.limits;
  ASSIGN_OR_RETURN(options.security, Security());
  ASSIGN_OR_RETURN(options.proxies, TrustedProxies::Parse(config_.trusted_proxies));
  options.access_log_fd = config_.access_log ? STDERR_FILENO : -1;
  return StartWorkers(options);
}

absl::StatusOr<FrontSecurity> Gateway::Security() const {
  FrontSecurity security;
  security.cleartext_too = config_.cleartext_too;
  security.tell_certificates = config_.tell_certificates;
  if (!config_.front_tls.empty()) {
    ASSIGN_OR_RETURN(security.tls, TlsContext::ForServer(config_.front_tls));
  }
  return security;
}

absl::StatusOr<std::vector<BackendOptions>> Gateway::ResolveBackends() const {
  std::vector<BackendOptions> backends;
  for (const BackendConfig& config : config_.backends) {
    BackendOptions& backend = backends.emplace_back();
    backend.name = config.name;
    backend.connections_per_address = config_.connections_per_address;
    if (config.tls) {
      if (tls_ == nullptr)
        return absl::InvalidArgumentError(absl::StrCat(config.name, " needs certificates"));
      backend.tls = tls_.get();
      backend.expected_peer = auth::SpiffeId(config.identity);
    }
    for (const std::string& text : config.addresses) {
      ASSIGN_OR_RETURN(SocketAddress address, SocketAddress::Parse(text));
      backend.addresses.push_back(address);
    }
  }
  return backends;
}

absl::Status Gateway::StartWorkers(const WorkerOptions& options) {
  ASSIGN_OR_RETURN(SocketAddress address, SocketAddress::Parse(config_.listen));
  const int count = config_.workers > 0 ? config_.workers : UsableCores();
  for (int i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(Socket listener, Socket::Listen(address));
    // The first may have picked the port that all share.
    ASSIGN_OR_RETURN(address, listener.LocalAddress());
    workers_.push_back(std::make_unique<Worker>(routes_, cors_, rates_, options, std::move(listener)));
  }
  address_ = address.ToString();
  for (const auto& worker : workers_) worker->Start();
  if (config_.cache_redis.empty()) return absl::OkStatus();
  rate_sharing_ =
      std::make_unique<RateSharing>(redis::Options{.address = config_.cache_redis, .size = 1}, rates_);
  rate_sharing_thread_ = std::jthread([this](const std::stop_token& stop) { rate_sharing_->Run(stop); });
  return absl::OkStatus();
}

absl::Status Gateway::Ready() const {
  const bool ready =
      std::all_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->ready(); });
  return ready ? absl::OkStatus() : absl::UnavailableError("a backend or the token keys are not available");
}

void Gateway::Drain(absl::Duration timeout) {
  Mutex mutex;
  CondVar changed;
  size_t drained = 0;
  {
    // Workers that finish late must not touch what is gone by then: they are stopped below first.
    MutexLock lock(mutex);
    for (const auto& worker : workers_) {
      worker->Drain([&] {
        MutexLock inner(mutex);
        ++drained;
        changed.NotifyAll();
      });
    }
    const absl::Time end = absl::Now() + timeout;
    while (drained < workers_.size() && absl::Now() < end) changed.WaitFor(mutex, end - absl::Now());
  }
  for (const auto& worker : workers_) worker->Stop();
}

}  // namespace arasta::gateway
