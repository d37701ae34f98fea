#include "common/redis/tls_layer.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace arasta::redis {
namespace {

struct ContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextFree>;

absl::Status Failure(absl::string_view what) {
  ERR_clear_error();
  return Error(absl::StatusCode::kUnavailable, "REDIS_UNAVAILABLE", absl::StrCat("Redis by TLS: ", what));
}

absl::StatusOr<Context> NewContext(const std::string& authorities) {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return Failure("OpenSSL is not in order");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const bool trusting = authorities.empty()
                            ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                            : SSL_CTX_load_verify_file(context.get(), authorities.c_str()) == 1;
  if (!trusting) return Failure(absl::StrCat("no certificates of authorities in ", authorities));
  return context;
}

// An address is no name: it is neither asked for nor looked for among the certificate's names.
bool Expect(SSL* tls, const std::string& host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1) return true;
  SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // SSL_set_tlsext_host_name, a macro with a cast of C.
  return SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(host.c_str())) == 1 &&
         SSL_set1_host(tls, host.c_str()) == 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsLayer>> TlsLayer::Begin(int socket, const std::string& host,
                                                          const std::string& authorities,
                                                          absl::Time deadline) {
  ASSIGN_OR_RETURN(const Context context, NewContext(authorities));
  std::unique_ptr<TlsLayer> layer(new TlsLayer(SSL_new(context.get()), socket));
  SSL* tls = layer->tls_;
  if (fcntl(socket, F_SETFL, O_NONBLOCK) != 0 || SSL_set_fd(tls, socket) != 1 || !Expect(tls, host)) {
    return Failure(absl::StrCat("not with ", host));
  }
  RETURN_IF_ERROR(layer->Take([tls] { return SSL_connect(tls); }, deadline));
  return layer;
}

TlsLayer::~TlsLayer() {
  SSL_free(tls_);
}

absl::Status TlsLayer::Write(absl::string_view bytes, absl::Time deadline) {
  if (bytes.empty()) return absl::OkStatus();
  size_t written = 0;
  return Take([&] { return SSL_write_ex(tls_, bytes.data(), bytes.size(), &written); }, deadline);
}

absl::StatusOr<size_t> TlsLayer::Read(absl::Span<char> bytes, absl::Time deadline) {
  size_t read = 0;
  RETURN_IF_ERROR(Take([&] { return SSL_read_ex(tls_, bytes.data(), bytes.size(), &read); }, deadline));
  return read;
}

absl::Status TlsLayer::Take(absl::FunctionRef<int()> step, absl::Time deadline) {
  for (;;) {
    ERR_clear_error();  // or SSL_get_error would tell of an error of somebody else's
    const int result = step();
    if (result == 1) return absl::OkStatus();
    const int error = SSL_get_error(tls_, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return FailureOf(error);
    if (!Await(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline))
      return Failure("no answer in time");
  }
}

bool TlsLayer::Await(short events, absl::Time deadline) const {
  pollfd event{socket_, events, 0};
  for (;;) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    // Rounded up: a poll of nothing would go round and round until the deadline.
    const int result = poll(&event, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (result > 0) return true;
    if (result < 0 && errno != EINTR) return false;
  }
}

absl::Status TlsLayer::FailureOf(int error) const {
  const long verified = SSL_get_verify_result(tls_);
  if (verified != X509_V_OK) {
    return Failure(absl::StrCat("the certificate is refused: ", X509_verify_cert_error_string(verified)));
  }
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  if (error == SSL_ERROR_SSL && reason != nullptr) return Failure(reason);
  return Failure("the connection has ended");
}

}  // namespace arasta::redis
