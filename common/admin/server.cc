#include "common/admin/server.h"

#include <httplib.h>
#include <prometheus/text_serializer.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/admin/process_metrics.h"
#include "common/base/errors.h"

namespace arasta::admin {
namespace {

constexpr int kThreads = 2;
constexpr absl::Duration kPatience = absl::Seconds(1);
constexpr size_t kMaxRequestBody = 1024;
constexpr char kText[] = "text/plain; charset=utf-8";
constexpr char kExposition[] = "text/plain; version=0.0.4; charset=utf-8";

// "host:port" or "[v6]:port".
bool SplitAddress(absl::string_view address, std::string& host, int& port) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port)) return false;
  absl::string_view name = address.substr(0, colon);
  if (absl::ConsumePrefix(&name, "[") && !absl::ConsumeSuffix(&name, "]")) return false;
  host = std::string(name);
  return !host.empty() && port >= 0 && port <= 65535;
}

}  // namespace

Server::Server(std::string listen_address, metrics::Registry& registry)
    : listen_address_(std::move(listen_address)),
      registry_(registry),
      http_(std::make_unique<httplib::Server>()) {}

Server::~Server() {
  Stop();
}

void Server::Stop() {
  if (!thread_.joinable()) return;
  http_->stop();
  thread_.join();
}

void Server::AddReadiness(std::string name, Check check) {
  checks_.emplace_back(std::move(name), std::move(check));
}

absl::Status Server::Start() {
  int wanted_port = 0;
  if (!SplitAddress(listen_address_, host_, wanted_port)) {
    return InvalidField("ARASTA_ADMIN_LISTEN", absl::StrCat(listen_address_, " is not host:port"));
  }
  http_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  http_->set_payload_max_length(kMaxRequestBody);
  // A connection that is kept alive holds its thread for seconds: two scrapers would lock the probes out.
  http_->set_keep_alive_max_count(1);
  // The library's default would let two processes share the port by SO_REUSEPORT.
  http_->set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  AddRoutes();
  const bool any = wanted_port == 0;
  port_ = any ? http_->bind_to_any_port(host_) : wanted_port;
  if (any ? port_ <= 0 : !http_->bind_to_port(host_, wanted_port)) {
    return Error(absl::StatusCode::kUnavailable, "CANNOT_LISTEN",
                 absl::StrCat("cannot listen on ", listen_address_));
  }
  thread_ = std::thread([this] { http_->listen_after_bind(); });
  // stop() before the loop has begun would be lost.
  while (!http_->is_running()) std::this_thread::yield();
  return absl::OkStatus();
}

std::string Server::address() const {
  const bool v6 = host_.find(':') != std::string::npos;
  return v6 ? absl::StrCat("[", host_, "]:", port_) : absl::StrCat(host_, ":", port_);
}

void Server::AddRoutes() {
  http_->Get("/livez", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("ok\n", kText);
  });
  http_->Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
    const auto [ready, text] = Readiness();
    response.status = ready ? 200 : 503;
    response.set_content(text, kText);
  });
  http_->Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
    response.set_content(Metrics(), kExposition);
  });
}

std::string Server::Metrics() const {
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  for (prometheus::MetricFamily& family : ProcessMetrics()) families.push_back(std::move(family));
  if (!certificates_.empty()) families.push_back(CertificateMetrics(certificates_));
  return prometheus::TextSerializer().Serialize(families);
}

// Who comes while the checks are asked is told what they said last, unless that takes too long.
std::pair<bool, std::string> Server::Readiness() {
  if (draining_) return {false, "draining\n"};
  {
    MutexLock lock(mutex_);
    if (asked_since_.has_value()) {
      if (absl::Now() - *asked_since_ < kPatience) return known_;
      return {false, "not known: a check takes long\n"};
    }
    asked_since_ = absl::Now();
  }
  std::pair<bool, std::string> answer = AskChecks();
  MutexLock lock(mutex_);
  asked_since_.reset();
  return known_ = std::move(answer);
}

std::pair<bool, std::string> Server::AskChecks() const {
  bool ready = true;
  std::string text;
  for (const auto& [name, check] : checks_) {
    const absl::Status status = check();
    ready = ready && status.ok();
    absl::StrAppend(&text, name, ": ", status.ok() ? "ok" : std::string(status.message()), "\n");
  }
  return {ready, text.empty() ? "ok\n" : text};
}

}  // namespace arasta::admin
