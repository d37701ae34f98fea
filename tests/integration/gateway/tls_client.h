// TLS with every screw of OpenSSL's at hand. Blocking.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "tests/integration/gateway/raw_client.h"

namespace arasta::gateway {

class TlsClient {
 public:
  struct Options {
    int max_version = TLS1_3_VERSION;
    std::string alpn = {};  // length-prefixed, as on the wire
    SSL_SESSION* resumed = nullptr;
  };

  TlsClient(int port, const Options& options)
      : tcp_(port), context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free), tls_(nullptr, &SSL_free) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), options.max_version);
    SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>(options.alpn.data()),
                            static_cast<unsigned>(options.alpn.size()));
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), tcp_.fd());
    if (options.resumed != nullptr) SSL_set_session(tls_.get(), options.resumed);
    connected_ = SSL_connect(tls_.get()) == 1;
  }

  bool connected() const { return connected_; }
  SSL* tls() { return tls_.get(); }

  // One TLS record for every `record` bytes.
  bool Send(absl::string_view bytes, size_t record = 16 * 1024) {
    while (!bytes.empty()) {
      const absl::string_view piece = bytes.substr(0, record);
      if (SSL_write(tls_.get(), piece.data(), static_cast<int>(piece.size())) <= 0) return false;
      bytes.remove_prefix(piece.size());
    }
    return true;
  }
  // All that comes until `end` has come, or the other side closes.
  std::string ReadUntil(absl::string_view end) {
    std::string seen;
    char buffer[4096];
    while (absl::string_view(seen).find(end) == absl::string_view::npos) {
      const int count = SSL_read(tls_.get(), buffer, sizeof buffer);
      if (count <= 0) break;
      seen.append(buffer, static_cast<size_t>(count));
    }
    return seen;
  }

 private:
  RawClient tcp_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
  bool connected_ = false;
};

}  // namespace arasta::gateway
