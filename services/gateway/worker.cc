#include "services/gateway/worker.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/log/log.h"
#include "services/gateway/front_http1.h"
#include "services/gateway/front_http2.h"
#include "services/gateway/front_sniffer.h"

namespace arasta::gateway {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr int64_t kReadyCheckNs = 100'000'000;
constexpr int64_t kAcceptPauseNs = 100'000'000;

// "10.0.0.7" of "10.0.0.7:4711": ports say nothing about who somebody is.
std::string HostOf(const SocketAddress& address) {
  const std::string text = address.ToString();
  const absl::string_view host = absl::string_view(text).substr(0, text.rfind(':'));
  const bool bracketed = absl::StartsWith(host, "[");
  return std::string(bracketed ? host.substr(1, host.size() - 2) : host);
}

}  // namespace

// Accepts, and rests a moment when the process is out of descriptors.
class Worker::Acceptor final : public Pollable {
 public:
  Acceptor(Worker& worker, Socket socket)
      : worker_(worker), socket_(std::move(socket)), resume_([this] { Watch(); }) {
    Watch();
  }
  ~Acceptor() override { worker_.loop_.Remove(socket_.fd()); }

  void OnEvents(uint32_t) override { Accept(kAcceptsPerTurn); }
  // Everybody who has connected by now.
  void AcceptAll() { Accept(SOMAXCONN); }

 private:
  void Accept(int most) {
    for (int i = 0; i < most; ++i) {
      SocketAddress from;
      from.length = sizeof from.storage;
      const int fd = accept4(socket_.fd(), reinterpret_cast<sockaddr*>(&from.storage), &from.length,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        worker_.Accept(Socket(fd), from);
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log::Warning("no descriptor for a new connection");
        worker_.loop_.Remove(socket_.fd());
        worker_.loop_.StartTimer(resume_, kAcceptPauseNs);
        return;
      } else if (errno != EINTR && errno != ECONNABORTED) {
        return;
      }
    }
  }
  void Watch() { worker_.loop_.Add(socket_.fd(), EPOLLIN, *this); }

  Worker& worker_;
  Socket socket_;
  Timer resume_;
};

// A generation as this worker serves it. Backends, and the keys that came from one, are shared with the
// generation before where they are the same.
struct Worker::Served {
  Served(Worker& worker, std::shared_ptr<const Generation> of, std::vector<std::shared_ptr<Backend>> at,
         std::shared_ptr<Authenticator> by)
      : generation(std::move(of)),
        security(generation->security),
        backends(std::move(at)),
        authenticator(std::move(by)),
        calls(worker.loop_, generation->routes, worker.options_.access_log_fd),
        context{worker.loop_,
                generation->routes,
                generation->cors,
                *authenticator,
                calls,
                worker.limits_,
                *generation->rates,
                generation->proxies,
                backends,
                worker.buffered_bytes_,
                {}} {}

  Backend* auth() const { return AuthOf(*generation, backends); }
  static Backend* AuthOf(const Generation& generation,
                         const std::vector<std::shared_ptr<Backend>>& backends) {
    return generation.auth_backend < 0 ? nullptr
                                       : backends[static_cast<size_t>(generation.auth_backend)].get();
  }

  const std::shared_ptr<const Generation> generation;
  // The generation's, but for the certificates, which may be newer.
  FrontSecurity security;
  const std::vector<std::shared_ptr<Backend>> backends;
  const std::shared_ptr<Authenticator> authenticator;
  CallLog calls;
  ExchangeContext context;
};

Worker::Worker(std::shared_ptr<const Generation> generation, WorkerOptions options, Socket listener)
    : options_(std::move(options)),
      check_ready_([this] { CheckReady(); }),
      patience_ends_ns_(loop_.now_ns() + options_.start_patience_ns) {
  Serve(std::move(generation));
  listener_ = std::make_unique<Acceptor>(*this, std::move(listener));
  loop_.StartTimer(check_ready_, 0);
}

Worker::~Worker() {
  Stop();
}

void Worker::Start() {
  thread_ = std::thread([this] { loop_.Run(); });
}

void Worker::Adopt(std::shared_ptr<const Generation> generation, std::function<void()> done) {
  loop_.Post([this, generation = std::move(generation), done = std::move(done)] {
    Serve(generation);
    done();
  });
}

void Worker::SetAddresses(const std::string& backend, std::vector<SocketAddress> addresses) {
  loop_.Post([this, backend, addresses = std::move(addresses)] {
    for (const std::shared_ptr<Backend>& each : served_->backends) {
      if (each->name() == backend) each->SetAddresses(addresses);
    }
  });
}

void Worker::UseCertificates(Certificates certificates) {
  loop_.Post([this, certificates = std::move(certificates)] {
    served_->security.tls = certificates.front;
    for (const std::shared_ptr<Backend>& backend : served_->backends) backend->SetTls(certificates.back);
  });
}

void Worker::Serve(std::shared_ptr<const Generation> generation) {
  std::vector<std::shared_ptr<Backend>> backends;
  for (const BackendOptions& options : generation->backends) backends.push_back(BackendFor(options));
  Backend* auth = Served::AuthOf(*generation, backends);
  auto authenticator = served_ && served_->auth() == auth
                           ? served_->authenticator
                           : std::make_shared<Authenticator>(loop_, options_.issuer, auth);
  limits_ = generation->limits;
  auto next =
      std::make_unique<Served>(*this, std::move(generation), std::move(backends), std::move(authenticator));
  if (served_) retired_.push_back(std::move(served_));
  served_ = std::move(next);
}

std::shared_ptr<Backend> Worker::BackendFor(const BackendOptions& options) {
  if (served_) {
    for (const std::shared_ptr<Backend>& backend : served_->backends) {
      if (backend->Is(options)) return backend->Update(options), backend;
    }
  }
  return std::make_shared<Backend>(loop_, options);
}

// What is destroyed here is in nobody's hands: events of this turn are over, connections end on their own.
void Worker::EndRetired() {
  for (auto& retired : retired_) {
    if (retired->context.running > 0) continue;
    std::vector<std::shared_ptr<Backend>> backends = retired->backends;
    retired.reset();
    for (std::shared_ptr<Backend>& backend : backends) {
      if (backend.use_count() > 1) continue;
      backend->Close();
      leaving_.push_back(std::move(backend));
    }
  }
  retired_.erase(std::remove(retired_.begin(), retired_.end(), nullptr), retired_.end());
  leaving_.erase(
      std::remove_if(leaving_.begin(), leaving_.end(), [](const auto& backend) { return backend->closed(); }),
      leaving_.end());
}

ExchangeContext& Worker::context() {
  return served_->context;
}

const FrontSecurity& Worker::security() const {
  return served_->security;
}

void Worker::Stop() {
  if (!thread_.joinable()) return;
  loop_.Stop();
  thread_.join();
}

void Worker::Accept(Socket socket, const SocketAddress& from) {
  socket.SetPatience(limits_.answer_stall_ns);
  // Beyond the limit a connection is closed at once: it costs the client more than us.
  if (clients_.size() >= limits_.max_connections) return;
  FrontSniffer::Listener& listener = *this;
  FrontConnection::Owner& owner = *this;
  auto sniffer = std::make_unique<FrontSniffer>(loop_, listener, owner, limits_, std::move(socket),
                                                FrontPeer{HostOf(from)});
  FrontConnection& connection = *sniffer;
  clients_.emplace(&connection, std::move(sniffer));
}

void Worker::OnKnown(FrontSniffer& sniffer, FrontProtocol protocol) {
  FrontConnection::Owner& owner = *this;
  Socket socket = sniffer.TakeSocket();
  const auto adopt = [&](auto client) -> auto& {
    auto& connection = *client;
    clients_.emplace(&connection, std::move(client));
    if (drained_) connection.Drain();
    return connection;
  };
  if (protocol == FrontProtocol::kHttp2) {
    adopt(std::make_unique<FrontHttp2>(loop_, owner, limits_, std::move(socket), sniffer.peer()))
        .Begin(sniffer.bytes());
  } else {
    FrontHttp1& client =
        adopt(std::make_unique<FrontHttp1>(loop_, owner, limits_, std::move(socket), sniffer.peer()));
    if (protocol == FrontProtocol::kHttp1) {
      client.Begin(sniffer.bytes());
    } else {
      client.Refuse(400, "this port is for TLS");
    }
  }
  OnClosed(sniffer);
}

void Worker::OnClosed(FrontConnection& connection) {
  const auto found = clients_.find(&connection);
  loop_.DestroyLater(std::move(found->second));
  clients_.erase(found);
  CheckDrained();
}

void Worker::Drain(std::function<void()> done) {
  loop_.Post([this, done = std::move(done)]() mutable {
    drained_ = std::move(done);
    // To close resets the connections that nobody has accepted.
    listener_->AcceptAll();
    listener_.reset();
    std::vector<FrontConnection*> clients;
    for (const auto& [connection, owned] : clients_) clients.push_back(connection);
    for (FrontConnection* connection : clients) connection->Drain();
    CheckDrained();
  });
}

void Worker::CheckDrained() {
  if (drained_ && clients_.empty()) std::exchange(drained_, nullptr)();
}

absl::Status Worker::Ready() const {
  MutexLock lock(mutex_);
  return ready_;
}

// The backends that are not reached.
std::vector<absl::string_view> Worker::Lacking() const {
  std::vector<absl::string_view> names;
  for (const auto& backend : served_->backends) {
    if (!backend->ready()) names.push_back(backend->name());
  }
  return names;
}

void Worker::CheckReady() {
  EndRetired();
  std::vector<absl::string_view> lacking = Lacking();
  reached_all_ = reached_all_ || lacking.empty();
  const bool some_will_do = reached_all_ || loop_.now_ns() >= patience_ends_ns_;
  if (some_will_do && lacking.size() < served_->backends.size()) lacking.clear();
  if (!served_->authenticator->ready()) lacking.push_back("the token keys");
  {
    MutexLock lock(mutex_);
    ready_ = lacking.empty() ? absl::OkStatus()
                             : absl::UnavailableError(absl::StrCat("without ", absl::StrJoin(lacking, ", ")));
  }
  gauges_.Tell(Open());
  loop_.StartTimer(check_ready_, kReadyCheckNs);
}

// Generations share backends.
OpenNow Worker::Open() const {
  OpenNow open{clients_.size(), served_->context.running, 0, buffered_bytes_};
  std::set<const Backend*> backends;
  for (const auto& backend : served_->backends) backends.insert(backend.get());
  for (const auto& backend : leaving_) backends.insert(backend.get());
  for (const auto& retired : retired_) {
    open.calls += retired->context.running;
    for (const auto& backend : retired->backends) backends.insert(backend.get());
  }
  for (const Backend* backend : backends) open.backend_calls += backend->calls();
  return open;
}

}  // namespace arasta::gateway
