// A TCP connection to loopback, in cleartext or with TLS, that never blocks once it stands.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace arasta::bench {

// Files of PEM; the certificate is ours, for servers that want one. The peer's is not verified: a benchmark
// has nothing to lose, and the bytes are the same.
struct TlsSettings {
  bool on = false;
  std::string certificate;
  std::string key;
};

struct SslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using TlsContext = std::unique_ptr<SSL_CTX, SslDeleter>;

// Null where TLS is off. `protocol` is "h2" or "http/1.1".
absl::StatusOr<TlsContext> MakeTlsContext(const TlsSettings& settings, absl::string_view protocol);

class Transport {
 public:
  // Connects; `tls` may be null and outlives the transport.
  static absl::StatusOr<std::unique_ptr<Transport>> Connect(int port, SSL_CTX* tls);
  ~Transport();

  int fd() const { return fd_; }

  // Bytes read into `buffer`; 0 where there are none at the moment, -1 where the connection is over.
  ssize_t Read(absl::Span<char> buffer);
  // Queues bytes for Flush.
  std::string& output() { return output_; }
  // False where the connection is over. What the kernel does not take yet stays queued.
  bool Flush();
  bool blocked() const { return sent_ < output_.size(); }

 private:
  explicit Transport(int fd) : fd_(fd) {}

  int fd_;
  std::unique_ptr<SSL, SslDeleter> tls_;
  std::string output_;
  size_t sent_ = 0;
};

}  // namespace arasta::bench
