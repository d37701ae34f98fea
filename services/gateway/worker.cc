#include "services/gateway/worker.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
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

Worker::Worker(const RouteTable& routes, const Cors& cors, RateLimiter& rates, WorkerOptions options,
               Socket listener)
    : options_(std::move(options)),
      calls_(loop_, routes, options_.access_log_fd),
      check_ready_([this] { CheckReady(); }) {
  for (const BackendOptions& backend : options_.backends) {
    backends_.push_back(std::make_unique<Backend>(loop_, backend));
  }
  Backend* auth =
      options_.auth_backend < 0 ? nullptr : backends_[static_cast<size_t>(options_.auth_backend)].get();
  authenticator_ = std::make_unique<Authenticator>(loop_, options_.issuer, auth);
  context_.emplace(ExchangeContext{
      loop_, routes, cors, *authenticator_, calls_, options_.limits, rates, options_.proxies, backends_, {}});
  listener_ = std::make_unique<Acceptor>(*this, std::move(listener));
  loop_.StartTimer(check_ready_, 0);
}

Worker::~Worker() {
  Stop();
}

void Worker::Start() {
  thread_ = std::thread([this] { loop_.Run(); });
}

void Worker::Stop() {
  if (!thread_.joinable()) return;
  loop_.Stop();
  thread_.join();
}

void Worker::Accept(Socket socket, const SocketAddress& from) {
  socket.SetPatience(options_.limits.answer_stall_ns);
  // Beyond the limit a connection is closed at once: it costs the client more than us.
  if (clients_.size() >= options_.limits.max_connections) return;
  FrontSniffer::Listener& listener = *this;
  FrontConnection::Owner& owner = *this;
  auto sniffer = std::make_unique<FrontSniffer>(loop_, listener, owner, options_.limits, std::move(socket),
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
    adopt(std::make_unique<FrontHttp2>(*context_, owner, options_.limits, std::move(socket), sniffer.peer()))
        .Begin(sniffer.bytes());
  } else {
    FrontHttp1& client = adopt(
        std::make_unique<FrontHttp1>(*context_, owner, options_.limits, std::move(socket), sniffer.peer()));
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

void Worker::CheckReady() {
  ready_ = authenticator_->ready() && std::all_of(backends_.begin(), backends_.end(),
                                                  [](const auto& backend) { return backend->ready(); });
  loop_.StartTimer(check_ready_, kReadyCheckNs);
}

}  // namespace arasta::gateway
