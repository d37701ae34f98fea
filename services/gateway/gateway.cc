#include "services/gateway/gateway.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "common/base/cores.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"

namespace arasta::gateway {
namespace {

// A call that runs on and on keeps its generation: with so many of them, another one has to wait.
constexpr size_t kMostGenerations = 16;

}  // namespace

Gateway::Gateway(GatewayConfig config)
    : config_(std::move(config)),
      resolver_(config_.lookup, config_.lookup_interval,
                [this](const std::string& backend, const std::vector<SocketAddress>& addresses) {
                  for (const auto& worker : workers_) worker->SetAddresses(backend, addresses);
                }) {
  // OpenSSL writes with write(2), which has no MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
}

// Workers ask the resolver, which goes first.
Gateway::~Gateway() {
  for (const auto& worker : workers_) worker->Stop();
}

absl::Status Gateway::Start() {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Generation> generation,
                   MakeGeneration(config_, resolver_, nullptr));
  generations_.push_back(generation);
  rates_ = generation->rates;
  certificates_ = generation->certificates;
  RETURN_IF_ERROR(StartWorkers(generation));
  WatchNames(config_.backends);
  return absl::OkStatus();
}

absl::Status Gateway::Reload(const GatewayConfig& config) {
  std::erase_if(generations_, [](const auto& generation) { return generation.expired(); });
  if (generations_.size() >= kMostGenerations) {
    return absl::ResourceExhaustedError(
        absl::StrCat("calls still run under ", generations_.size(), " configurations"));
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<const Generation> generation,
                   MakeGeneration(config, resolver_, rates_.get()));
  generations_.push_back(generation);
  rates_ = generation->rates;
  certificates_ = generation->certificates;
  if (rate_sharing_) rate_sharing_->Share(rates_);
  // First, so that what is told afterwards is of the new names.
  WatchNames(config.backends);
  absl::BlockingCounter adopted(static_cast<int>(workers_.size()));
  for (const auto& worker : workers_) worker->Adopt(generation, [&adopted] { adopted.DecrementCount(); });
  adopted.Wait();
  return absl::OkStatus();
}

void Gateway::RefreshCertificates() {
  if (!certificates_.Changed()) return;
  const absl::StatusOr<Certificates> read = certificates_.Read();
  if (!read.ok())
    return log::Error("certificates refused, the former ones stay", {{"error", read.status().message()}});
  for (const auto& worker : workers_) worker->UseCertificates(*read);
  log::Info("certificates renewed");
}

void Gateway::WatchNames(const std::vector<BackendConfig>& backends) {
  std::vector<NamedAddresses> names;
  for (const BackendConfig& backend : backends) names.push_back({backend.name, backend.addresses});
  resolver_.Watch(std::move(names));
}

absl::Status Gateway::StartWorkers(const std::shared_ptr<const Generation>& generation) {
  const WorkerOptions options{config_.issuer, config_.access_log ? STDERR_FILENO : -1,
                              absl::ToInt64Nanoseconds(config_.start_patience)};
  ASSIGN_OR_RETURN(SocketAddress address, SocketAddress::Parse(config_.listen));
  const int count = config_.workers > 0 ? config_.workers : UsableCores();
  for (int i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(Socket listener, Socket::Listen(address));
    // The first may have picked the port that all share.
    ASSIGN_OR_RETURN(address, listener.LocalAddress());
    workers_.push_back(std::make_unique<Worker>(generation, options, std::move(listener)));
  }
  address_ = address.ToString();
  for (const auto& worker : workers_) worker->Start();
  if (config_.cache_redis.address.empty()) return absl::OkStatus();
  rate_sharing_ = std::make_unique<RateSharing>(config_.cache_redis, rates_);
  rate_sharing_thread_ = std::jthread([this](const std::stop_token& stop) { rate_sharing_->Run(stop); });
  return absl::OkStatus();
}

absl::Status Gateway::Ready() const {
  for (const auto& worker : workers_) RETURN_IF_ERROR(worker->Ready());
  return absl::OkStatus();
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
