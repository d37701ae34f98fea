// A client's connection as bytes: TCP, or TLS over it. Blocks while it connects, never afterwards.
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/support/loopback.h"

namespace arasta::gateway {

enum class WireSecurity { kCleartext, kTls };

class Wire {
 public:
  // `alpn` is length-prefixed, as on the wire.
  explicit Wire(int port, WireSecurity security = WireSecurity::kCleartext, const std::string& alpn = "")
      : fd_(testing::ConnectToLoopback(port)), connected_(fd_ >= 0) {
    const int no_delay = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
    if (security == WireSecurity::kTls) ShakeHands(alpn);
    fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  ~Wire() { close(fd_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  bool connected() const { return connected_; }
  // As send(2) and recv(2), EAGAIN included.
  ssize_t Write(absl::string_view bytes) {
    if (tls_ == nullptr) return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return Result(SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())));
  }
  ssize_t Read(char* buffer, size_t capacity) {
    if (tls_ == nullptr) return recv(fd_, buffer, capacity, 0);
    return Result(SSL_read(tls_.get(), buffer, static_cast<int>(capacity)));
  }
  // For ten seconds; false when nothing happened.
  bool Wait(short events, short* happened) const {
    pollfd wait_for{fd_, events, 0};
    const bool some = poll(&wait_for, 1, 10'000) > 0;
    *happened = wait_for.revents;
    return some;
  }

  // No more will be written, as far as TCP knows.
  void EndWriting() const { shutdown(fd_, SHUT_WR); }
  // The other side gets a reset, not an end, when this is destroyed.
  void ResetAtTheEnd() const {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

 private:
  void ShakeHands(const std::string& alpn) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                    &SSL_CTX_free);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    tls_.reset(SSL_new(context.get()));
    SSL_set_alpn_protos(tls_.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                        static_cast<unsigned>(alpn.size()));
    SSL_set_fd(tls_.get(), fd_);
    connected_ = connected_ && SSL_connect(tls_.get()) == 1;
  }
  ssize_t Result(int result) {
    if (result > 0) return result;
    const int error = SSL_get_error(tls_.get(), result);
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
  }

  const int fd_;
  bool connected_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
};

}  // namespace arasta::gateway
