#include "services/gateway/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "services/gateway/tls.h"

namespace arasta::gateway {
namespace {

absl::Status ErrnoStatus(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", strerror(errno)));
}

void SetOption(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

sockaddr* Raw(const SocketAddress& address) {
  return const_cast<sockaddr*>(reinterpret_cast<const sockaddr*>(&address.storage));
}

// What SSL_get_error says of a call that did not succeed.
Socket::Outcome TlsOutcome(SSL* tls, int result) {
  const int error = SSL_get_error(tls, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Socket::Outcome::kWouldBlock;
  return Socket::Outcome::kClosed;
}

Socket::Transfer Receive(int fd, char* buffer, size_t capacity, int flags) {
  const ssize_t count = recv(fd, buffer, capacity, flags);
  if (count > 0) return {Socket::Outcome::kOk, static_cast<size_t>(count)};
  const bool again = count < 0 && (errno == EAGAIN || errno == EINTR);
  return {again ? Socket::Outcome::kWouldBlock : Socket::Outcome::kClosed};
}

}  // namespace

absl::StatusOr<std::vector<SocketAddress>> SocketAddress::LookUp(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "unix:")) {
    SocketAddress address;
    auto* path = reinterpret_cast<sockaddr_un*>(&address.storage);
    if (text.size() >= sizeof path->sun_path) return absl::InvalidArgumentError("socket path too long");
    path->sun_family = AF_UNIX;
    memcpy(path->sun_path, text.data(), text.size());
    address.length = sizeof(sockaddr_un);
    return std::vector<SocketAddress>{address};
  }
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("address without a port: ", text));
  }
  std::string host(text.substr(0, colon));
  const std::string port(text.substr(colon + 1));
  if (int number = 0; !absl::SimpleAtoi(port, &number) || number < 0 || number > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("no port is ", port, ", of ", text));
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return absl::UnavailableError(absl::StrCat(text, ": ", gai_strerror(error)));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    SocketAddress& address = addresses.emplace_back();
    memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.length = each->ai_addrlen;
  }
  freeaddrinfo(found);
  return addresses;
}

absl::StatusOr<SocketAddress> SocketAddress::Parse(absl::string_view text) {
  ASSIGN_OR_RETURN(const std::vector<SocketAddress> addresses, LookUp(text));
  return addresses.front();
}

std::string SocketAddress::ToString() const {
  if (storage.ss_family == AF_UNIX) {
    return absl::StrCat("unix:", reinterpret_cast<const sockaddr_un*>(&storage)->sun_path);
  }
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  getnameinfo(Raw(*this), length, host.data(), host.size(), port.data(), port.size(),
              NI_NUMERICHOST | NI_NUMERICSERV);
  if (storage.ss_family == AF_INET6) return absl::StrCat("[", host.data(), "]:", port.data());
  return absl::StrCat(host.data(), ":", port.data());
}

bool operator==(const SocketAddress& a, const SocketAddress& b) {
  return a.length == b.length && memcmp(&a.storage, &b.storage, a.length) == 0;
}

bool operator<(const SocketAddress& a, const SocketAddress& b) {
  if (a.length != b.length) return a.length < b.length;
  return memcmp(&a.storage, &b.storage, a.length) < 0;
}

Socket::Socket(int fd) : fd_(fd) {
  SetOption(fd_, IPPROTO_TCP, TCP_NODELAY, 1);
}

void Socket::SetPatience(int64_t ns) {
  SetOption(fd_, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(ns / 1'000'000));
}

Socket::~Socket() {
  Close();
}

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), tls_(std::move(other.tls_)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  Close();
  fd_ = std::exchange(other.fd_, -1);
  tls_ = std::move(other.tls_);
  return *this;
}

void Socket::TlsFree::operator()(ssl_st* tls) const {
  SSL_free(tls);
}

absl::StatusOr<Socket> Socket::Connect(const SocketAddress& address) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return ErrnoStatus("socket");
  Socket result(fd);
  if (connect(fd, Raw(address), address.length) != 0 && errno != EINPROGRESS) {
    return ErrnoStatus(address.ToString());
  }
  return result;
}

absl::StatusOr<Socket> Socket::Listen(const SocketAddress& address) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return ErrnoStatus("socket");
  Socket result(fd);
  SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  SetOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (bind(fd, Raw(address), address.length) != 0 || listen(fd, 1024) != 0) {
    return ErrnoStatus(address.ToString());
  }
  return result;
}

absl::StatusOr<SocketAddress> Socket::LocalAddress() const {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (getsockname(fd_, Raw(address), &address.length) != 0) return ErrnoStatus("getsockname");
  return address;
}

void Socket::StartTls(const TlsContext& context) {
  tls_.reset(SSL_new(context.get()));
  SSL_set_fd(tls_.get(), fd_);
  SSL_is_server(tls_.get()) ? SSL_set_accept_state(tls_.get()) : SSL_set_connect_state(tls_.get());
}

Socket::Outcome Socket::Handshake() {
  if (!tls_) return Outcome::kOk;
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_.get());
  return result == 1 ? Outcome::kOk : TlsOutcome(tls_.get(), result);
}

std::string Socket::ErrorText() const {
  if (tls_) {
    if (const long verified = SSL_get_verify_result(tls_.get()); verified != X509_V_OK) {
      return X509_verify_cert_error_string(verified);
    }
    if (const unsigned long error = ERR_peek_last_error(); error != 0) {
      const char* reason = ERR_reason_error_string(error);
      return reason == nullptr ? "TLS" : reason;
    }
  }
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
  return error == 0 ? "" : strerror(error);
}

Socket::Transfer Socket::Read(char* buffer, size_t capacity) {
  if (tls_) {
    ERR_clear_error();
    size_t total = 0;
    while (capacity - total >= kMaxTlsRecord) {
      size_t count = 0;
      const int result = SSL_read_ex(tls_.get(), buffer + total, capacity - total, &count);
      total += count;
      if (result == 1) continue;
      if (total > 0) break;
      return {TlsOutcome(tls_.get(), result)};
    }
    return {Outcome::kOk, total};
  }
  return Receive(fd_, buffer, capacity, 0);
}

Socket::Transfer Socket::Peek(char* buffer, size_t capacity) const {
  return Receive(fd_, buffer, capacity, MSG_PEEK);
}

Socket::Transfer Socket::Write(absl::string_view bytes) {
  if (tls_) {
    ERR_clear_error();
    size_t count = 0;
    const int result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &count);
    return result == 1 ? Transfer{Outcome::kOk, count} : Transfer{TlsOutcome(tls_.get(), result)};
  }
  const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) return {Outcome::kOk, static_cast<size_t>(count)};
  const bool again = errno == EAGAIN || errno == EINTR;
  return {again ? Outcome::kWouldBlock : Outcome::kClosed};
}

void Socket::EndWriting() {
  if (tls_) SSL_shutdown(tls_.get());
  shutdown(fd_, SHUT_WR);
}

void Socket::Close() {
  tls_.reset();
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

}  // namespace arasta::gateway
