// TLS on both sides. Towards backends: our certificate, the authority we trust, and the one identity a
// backend may have. Towards clients: the shop's certificate, h2 or http/1.1, and what certificates of theirs
// we ask for.
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

enum class ClientCertificates { kNone, kOptional, kRequired };

struct FrontTls {
  std::string certificate;
  std::string key;
  // Who may have signed a client's certificate; nobody is asked for one without.
  std::string client_authority;
  ClientCertificates client_certificates = ClientCertificates::kNone;

  bool empty() const { return certificate.empty(); }
};

// Thread-safe after construction. Connections that were begun with it outlive it.
class TlsContext {
 public:
  // A client of TLS 1.2 or 1.3 that offers h2, shows our certificate and verifies the backend's chain.
  static absl::StatusOr<std::unique_ptr<TlsContext>> ForClient(const TlsFiles& files);
  // A server of TLS 1.2 or 1.3. Sessions are resumed by tickets for an hour, of which nothing is kept here.
  static absl::StatusOr<std::unique_ptr<TlsContext>> ForServer(const FrontTls& settings);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* get() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* context_;
};

// "h2", "http/1.1", or empty where the two did not speak of it.
absl::string_view AlpnOf(const ssl_st* tls);

// Whom the client's certificate, which was verified, is for, as x-forwarded-client-cert says it:
// Subject="CN=till";URI=spiffe://shop/till. Empty where there was none.
std::string ClientCertificateOf(const ssl_st* tls);

// OK when the peer's certificate has exactly one URI name, `spiffe_id`, and the connection speaks h2.
absl::Status CheckPeer(const ssl_st* tls, absl::string_view spiffe_id);

}  // namespace arasta::gateway
