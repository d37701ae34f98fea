// TLS towards backends: our certificate, the authority we trust, and the one identity a backend may have.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct ssl_ctx_st;
struct ssl_st;

namespace arasta::gateway {

struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string authority;

  bool empty() const { return certificate.empty() && key.empty() && authority.empty(); }
};

// Thread-safe after construction.
class TlsContext {
 public:
  // A client of TLS 1.2 or 1.3 that offers h2, shows our certificate and verifies the backend's chain.
  static absl::StatusOr<std::unique_ptr<TlsContext>> ForClient(const TlsFiles& files);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* get() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* context_;
};

// OK when the peer's certificate has exactly one URI name, `spiffe_id`, and the connection speaks h2.
absl::Status CheckPeer(const ssl_st* tls, absl::string_view spiffe_id);

}  // namespace arasta::gateway
