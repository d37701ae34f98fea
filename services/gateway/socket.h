// A non-blocking TCP socket, with or without TLS on top.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct ssl_st;

namespace arasta::gateway {

class TlsContext;

// A resolved address.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  // "10.0.0.7:8080", "[::1]:80" or "unix:/path"; names are looked up, which blocks, and are all that they
  // stand for. INVALID_ARGUMENT for what is nothing of that, UNAVAILABLE for a name that can't be looked up.
  static absl::StatusOr<std::vector<SocketAddress>> LookUp(absl::string_view host_and_port);
  // The first of them.
  static absl::StatusOr<SocketAddress> Parse(absl::string_view host_and_port);
  std::string ToString() const;
  friend bool operator==(const SocketAddress& a, const SocketAddress& b);
  friend bool operator<(const SocketAddress& a, const SocketAddress& b);
};

class Socket {
 public:
  static constexpr size_t kMaxTlsRecord = 16 * 1024;

  enum class Outcome { kOk, kWouldBlock, kClosed };
  struct Transfer {
    Outcome outcome;
    size_t count = 0;
  };

  Socket() = default;
  explicit Socket(int fd);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  // Begins to connect; the socket turns writable when that is done or has failed.
  static absl::StatusOr<Socket> Connect(const SocketAddress& address);
  // Listens on the address; several sockets may share it, the kernel spreads connections over them.
  static absl::StatusOr<Socket> Listen(const SocketAddress& address);
  absl::StatusOr<SocketAddress> LocalAddress() const;

  // How long the peer may leave what is sent unacknowledged, its window closed or its host gone.
  void SetPatience(int64_t ns);

  // Puts TLS on a socket that is connected, in the role that the context is for.
  void StartTls(const TlsContext& context);
  // True with kOk once the handshake is over (at once without TLS).
  Outcome Handshake();
  // Why the handshake failed or the connect did not succeed; empty when unknown.
  std::string ErrorText() const;

  // With TLS, `capacity` is kMaxTlsRecord at least: records are read whole, as what OpenSSL holds back would
  // not make the socket readable again.
  Transfer Read(char* buffer, size_t capacity);
  // What Read would give, without TLS; it stays there.
  Transfer Peek(char* buffer, size_t capacity) const;
  Transfer Write(absl::string_view bytes);

  // Sends the end of file; reading goes on.
  void EndWriting();

  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  const ssl_st* tls() const { return tls_.get(); }
  void Close();

 private:
  struct TlsFree {
    void operator()(ssl_st* tls) const;
  };

  int fd_ = -1;
  std::unique_ptr<ssl_st, TlsFree> tls_;
};

}  // namespace arasta::gateway
