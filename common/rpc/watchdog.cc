#include "common/rpc/watchdog.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace arasta::rpc {
namespace {

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

// Where to reach ourselves: a wildcard address is reached at loopback.
std::string HostToDial(absl::string_view listen) {
  absl::string_view host = listen.substr(0, listen.rfind(':'));
  absl::ConsumePrefix(&host, "[");
  absl::ConsumeSuffix(&host, "]");
  if (host.empty() || host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : std::string(host);
}

bool WaitFor(int fd, short events, absl::Time until) {
  pollfd entry = {fd, events, 0};
  const absl::Duration left = std::max(until - absl::Now(), absl::ZeroDuration());
  return poll(&entry, 1, static_cast<int>(absl::ToInt64Milliseconds(left))) == 1;
}

}  // namespace

Pulse Dial(const std::string& listen, int port, absl::Duration patience) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(HostToDial(listen).c_str(), absl::StrCat(port).c_str(), &hints, &found) != 0)
    return Pulse::kUnknown;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> address(found, &freeaddrinfo);

  const Socket socket(::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) return Pulse::kUnknown;
  const absl::Time until = absl::Now() + patience;
  if (connect(socket.fd(), address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS)
    return Pulse::kDead;
  if (!WaitFor(socket.fd(), POLLOUT, until)) return Pulse::kDead;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Pulse::kDead;
  // We say nothing, and that we will not. A server that accepts sends its settings or hangs up.
  shutdown(socket.fd(), SHUT_WR);
  return WaitFor(socket.fd(), POLLIN, until) ? Pulse::kAlive : Pulse::kDead;
}

}  // namespace arasta::rpc
