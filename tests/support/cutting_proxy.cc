#include "tests/support/cutting_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <list>
#include <utility>

#include "tests/support/unix_socket.h"

namespace arasta::testing {
namespace {

constexpr int kPollMs = 20;  // how soon a stop request is noticed

std::string ReadPacket(int fd) {
  std::string packet(65536, '\0');
  const ssize_t size = read(fd, packet.data(), packet.size());
  packet.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return packet;
}

// False when the peer is gone.
bool Pass(const std::string& packet, int to) {
  return send(to, packet.data(), packet.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(packet.size());
}

}  // namespace

CuttingProxy::CuttingProxy(std::string upstream, const std::string& name)
    : dir_("arasta-proxy-"), upstream_(std::move(upstream)), listener_(ListenUnix(dir_.path() + name)) {
  thread_ = std::jthread([this](std::stop_token stop) { Serve(stop); });
}

CuttingProxy::~CuttingProxy() {
  thread_.request_stop();
  thread_.join();
  close(listener_);
}

void CuttingProxy::CutOnceAt(std::string pattern, Cut cut) {
  MutexLock lock(mutex_);
  pattern_ = std::move(pattern);
  cut_ = cut;
}

bool CuttingProxy::TakeCut(const std::string& packet, Cut* cut) {
  MutexLock lock(mutex_);
  if (pattern_.empty() || packet.find(pattern_) == std::string::npos) return false;
  pattern_.clear();
  *cut = cut_;
  return true;
}

void CuttingProxy::Serve(std::stop_token stop) {
  std::list<std::jthread> relays;  // joined on return, each by its own stop request
  while (!stop.stop_requested()) {
    pollfd event{listener_, POLLIN, 0};
    if (poll(&event, 1, kPollMs) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) relays.emplace_back([this, client](std::stop_token own) { Relay(client, own); });
  }
}

void CuttingProxy::Relay(int client, std::stop_token stop) {
  const int server = ConnectUnix(upstream_);
  while (server >= 0 && !stop.stop_requested()) {
    pollfd events[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(events, 2, kPollMs) <= 0) continue;
    if (events[1].revents) {
      std::string reply = ReadPacket(server);
      if (reply.empty() || !Pass(reply, client)) break;
    }
    if (events[0].revents) {
      std::string request = ReadPacket(client);
      Cut cut;
      if (request.empty()) break;
      if (TakeCut(request, &cut)) {
        if (cut == Cut::kAfterReply && Pass(request, server)) ReadPacket(server);
        break;
      }
      if (!Pass(request, server)) break;
    }
  }
  close(client);
  if (server >= 0) close(server);
}

}  // namespace arasta::testing
