#include "tests/bench/load/transport.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace arasta::bench {

absl::StatusOr<TlsContext> MakeTlsContext(const TlsSettings& settings, absl::string_view protocol) {
  if (!settings.on) return TlsContext();
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  const std::string offer = absl::StrCat(std::string(1, static_cast<char>(protocol.size())), protocol);
  SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(offer.data()),
                          static_cast<unsigned>(offer.size()));
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (!settings.certificate.empty() &&
      (SSL_CTX_use_certificate_chain_file(context.get(), settings.certificate.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context.get(), settings.key.c_str(), SSL_FILETYPE_PEM) != 1)) {
    return absl::InvalidArgumentError("cannot use the certificate and its key");
  }
  return context;
}

absl::StatusOr<std::unique_ptr<Transport>> Transport::Connect(int port, SSL_CTX* tls) {
  auto transport = std::unique_ptr<Transport>(new Transport(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(transport->fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return absl::UnavailableError(absl::StrCat("port ", port, ": ", strerror(errno)));
  }
  const int no_delay = 1;
  setsockopt(transport->fd_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  if (tls != nullptr) {
    transport->tls_.reset(SSL_new(tls));
    SSL_set_fd(transport->tls_.get(), transport->fd_);
    if (SSL_connect(transport->tls_.get()) != 1) return absl::UnavailableError("the TLS handshake failed");
  }
  fcntl(transport->fd_, F_SETFL, O_NONBLOCK);
  return transport;
}

Transport::~Transport() {
  close(fd_);
}

ssize_t Transport::Read(absl::Span<char> buffer) {
  if (tls_ == nullptr) {
    const ssize_t count = recv(fd_, buffer.data(), buffer.size(), 0);
    if (count > 0) return count;
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
  }
  ERR_clear_error();
  const int count = SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()));
  if (count > 0) return count;
  const int error = SSL_get_error(tls_.get(), count);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

bool Transport::Flush() {
  while (blocked()) {
    const char* rest = output_.data() + sent_;
    const size_t size = output_.size() - sent_;
    ssize_t count = 0;
    bool later = false;
    if (tls_ == nullptr) {
      count = send(fd_, rest, size, MSG_NOSIGNAL);
      later = count < 0 && (errno == EAGAIN || errno == EINTR);
    } else {
      ERR_clear_error();
      count = SSL_write(tls_.get(), rest, static_cast<int>(size));
      const int error = SSL_get_error(tls_.get(), static_cast<int>(count));
      later = count <= 0 && (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE);
    }
    if (later) return true;
    if (count <= 0) return false;
    sent_ += static_cast<size_t>(count);
  }
  output_.clear();
  sent_ = 0;
  return true;
}

}  // namespace arasta::bench
