#include "common/rpc/server_core.h"

#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/cores.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"
#include "common/rpc/credentials.h"
#include "common/rpc/redact.h"
#include "common/rpc/status.h"
#include "common/rpc/watchdog.h"

namespace arasta::rpc {
namespace {

// The gateway lets 6 KiB of a client's headers through and adds its own; gRPC drops the whole connection,
// other calls included, over its limit.
constexpr int kMaxMetadataBytes = 16 << 10;
constexpr int kMaxStreamsPerConnection = 1000;
// Of a connection without data, as that of a watch. gRPC's own bound, five minutes, ends the connections of
// peers that look after them.
constexpr int kLeastPingIntervalMs = 5000;
constexpr int kDeadPulsesToGiveUp = 2;

absl::Status CheckReadable(const TlsFiles& files) {
  if (files.empty()) return absl::OkStatus();
  for (const std::string& path : {files.certificate, files.key, files.ca}) {
    if (path.empty() || !std::ifstream(path).good()) {
      return absl::InvalidArgumentError(absl::StrCat("cannot read the TLS file \"", path, "\""));
    }
  }
  return absl::OkStatus();
}

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

absl::Status Draining() {
  return Error(absl::StatusCode::kUnavailable, "DRAINING", "the process is shutting down");
}

}  // namespace

ServerCore::ServerCore(ServerOptions options) : options_(std::move(options)) {}

void ServerCore::Register(Method method) {
  RegisteredService& service = services_[method.descriptor->service()];
  service.methods.resize(method.descriptor->service()->method_count());
  auto& slot = service.methods[method.descriptor->index()];
  slot = std::make_unique<Method>(std::move(method));
  telemetry_[slot.get()] = std::make_unique<Telemetry>(slot->name);
}

std::vector<std::string> ServerCore::ServiceNames() const {
  std::vector<std::string> names;
  for (const auto& [descriptor, service] : services_) names.push_back(descriptor->full_name());
  return names;
}

// gRPC would leave the calls of such a method waiting in a queue without a bound.
absl::Status ServerCore::CheckAllMethodsHaveHandlers() const {
  for (const auto& [descriptor, service] : services_) {
    for (int i = 0; i < descriptor->method_count(); ++i) {
      if (service.methods[i] != nullptr) continue;
      return absl::FailedPreconditionError(
          absl::StrCat("no handler for ", descriptor->full_name(), "/", descriptor->method(i)->name()));
    }
  }
  return absl::OkStatus();
}

absl::Status ServerCore::Start() {
  RETURN_IF_ERROR(CheckAllMethodsHaveHandlers());
  RETURN_IF_ERROR(CheckReadable(options_.tls));
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options_.listen, MakeServerCredentials(options_.tls), &port_);
  builder.SetMaxReceiveMessageSize(options_.max_message_bytes);
  builder.SetMaxSendMessageSize(options_.max_message_bytes);
  // On by default, it would let a second process bind our port and take half of our calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kLeastPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  if (options_.connection_age > absl::ZeroDuration()) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(options_.connection_age));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(options_.connection_grace));
  }
  for (auto& [descriptor, service] : services_) {
    service.raw = std::make_unique<RawService>(descriptor);
    builder.RegisterService(service.raw.get());
  }
  const int threads = options_.threads > 0 ? options_.threads : UsableCores();
  for (int i = 0; i < threads; ++i) queues_.push_back(builder.AddCompletionQueue());

  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port_ == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.listen));
  }
  AwaitCalls();
  StartThreads();
  return absl::OkStatus();
}

void ServerCore::AwaitCalls() {
  for (const auto& queue : queues_) {
    for (const auto& [descriptor, service] : services_) {
      for (int i = 0; i < descriptor->method_count(); ++i) {
        ServerCall::Await({*this, *service.raw, *service.methods[i], i, queue.get()});
      }
    }
  }
}

void ServerCore::StartThreads() {
  for (const auto& queue : queues_) {
    threads_.emplace_back([&queue = *queue] {
      void* tag = nullptr;
      bool ok = false;
      while (queue.Next(&tag, &ok)) ServerCall::OnEvent(tag, ok);
    });
  }
  watchdog_ = std::jthread([this](std::stop_token stop) { WatchListener(stop); });
}

void ServerCore::WatchListener(const std::stop_token& stop) {
  int dead_pulses = 0;
  Mutex mutex;
  CondVar wake;
  MutexLock lock(mutex);
  while (!wake.WaitFor(mutex, stop, options_.watchdog_interval, [&stop] { return stop.stop_requested(); })) {
    const Pulse pulse = Dial(options_.listen, port_, options_.watchdog_interval);
    if (pulse == Pulse::kUnknown) continue;
    dead_pulses = pulse == Pulse::kDead ? dead_pulses + 1 : 0;
    if (dead_pulses < kDeadPulsesToGiveUp) continue;
    log::Error("the listener is dead", {{"port", port_}});
    if (options_.on_dead_listener != nullptr) options_.on_dead_listener();
    return;
  }
}

// In this order: watches would outlast the grace; gRPC's Shutdown cancels what does, but returns before
// handlers have noticed; and a call that answers on a queue that is shut down ends the process.
void ServerCore::Shutdown(absl::Duration grace) {
  if (server_ == nullptr) return;
  watchdog_.request_stop();
  if (watchdog_.joinable()) watchdog_.join();
  EndWatches();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  WaitForCalls();
  for (const auto& queue : queues_) queue->Shutdown();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  queues_.clear();
  server_.reset();
}

void ServerCore::WaitForCalls() const {
  for (int alive = alive_.load(); alive != 0; alive = alive_.load()) alive_.wait(alive);
}

void ServerCore::EndWatches() {
  absl::flat_hash_map<ServerCall*, std::weak_ptr<ServerCall>> watches;
  {
    MutexLock lock(mutex_);
    draining_ = true;
    watches = watches_;
  }
  for (const auto& [key, weak] : watches) {
    if (const std::shared_ptr<ServerCall> watch = weak.lock()) watch->Finish(Draining());
  }
}

absl::Status ServerCore::AddWatch(const std::shared_ptr<ServerCall>& watch) {
  MutexLock lock(mutex_);
  if (draining_) return Draining();
  watches_.emplace(watch.get(), watch);
  return absl::OkStatus();
}

void ServerCore::RemoveWatch(ServerCall* watch) {
  MutexLock lock(mutex_);
  watches_.erase(watch);
}

bool ServerCore::Enter() {
  if (calls_.fetch_add(1, std::memory_order_relaxed) < options_.max_calls) return true;
  Leave();
  return false;
}

void ServerCore::Leave() {
  calls_.fetch_sub(1, std::memory_order_relaxed);
}

void ServerCore::Record(const ServerCall& server_call, const absl::Status& status, absl::Duration duration) {
  telemetry_.at(&server_call.method())->Record(status.code(), duration);
  // Probes every second would drown the rest; of a call that was not admitted only the metric tells.
  if (server_call.method().any_peer || !server_call.begun()) return;
  const Call& call = server_call.call();
  const std::string reason = ReasonOf(status), trace_id = call.trace().trace_id(),
                    span_id = call.trace().span_id();
  const std::string code = absl::StatusCodeToString(status.code());
  std::vector<log::Field> fields = {{"method", call.method()},
                                    {"code", code},
                                    {"duration_ms", absl::ToDoubleMilliseconds(duration)},
                                    {"peer", call.peer()},
                                    {"request_id", call.request_id()},
                                    {"trace_id", trace_id},
                                    {"span_id", span_id}};
  if (!reason.empty()) fields.push_back({"reason", reason});
  if (!call.principal().name.empty()) fields.push_back({"principal", call.principal().name});
  if (ToGrpc(status).error_code() != grpc::StatusCode::INTERNAL) {
    return log::Write(log::Level::kInfo, "call", fields);
  }
  // A bug: what the client is not told. Status messages of ours carry no personal data.
  const std::string cause(status.message());
  const std::string request = server_call.request() == nullptr ? "" : Redacted(*server_call.request());
  fields.push_back({"cause", cause});
  fields.push_back({"request", request});
  log::Write(log::Level::kError, "call", fields);
}

}  // namespace arasta::rpc
