#include "services/gateway/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

#include "absl/strings/str_cat.h"

namespace arasta::gateway {
namespace {

constexpr std::array<unsigned char, 3> kAlpnH2 = {2, 'h', '2'};

absl::Status TlsError(absl::string_view what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return absl::FailedPreconditionError(absl::StrCat(what, ": ", text.data()));
}

struct X509Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct NamesFree {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

}  // namespace

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::ForClient(const TlsFiles& files) {
  std::unique_ptr<TlsContext> tls(new TlsContext(SSL_CTX_new(TLS_client_method())));
  SSL_CTX* context = tls->get();
  if (context == nullptr) return TlsError("TLS");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_locations(context, files.authority.c_str(), nullptr) != 1) {
    return TlsError(files.authority);
  }
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return TlsError(files.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return TlsError(files.key);
  }
  SSL_CTX_set_alpn_protos(context, kAlpnH2.data(), kAlpnH2.size());
  return tls;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

absl::Status CheckPeer(const ssl_st* tls, absl::string_view spiffe_id) {
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(tls, &protocol, &length);
  if (length != 2 || protocol[0] != 'h' || protocol[1] != '2') {
    return absl::FailedPreconditionError("the backend does not speak h2");
  }
  const std::unique_ptr<X509, X509Free> certificate(SSL_get1_peer_certificate(tls));
  const std::unique_ptr<GENERAL_NAMES, NamesFree> names(static_cast<GENERAL_NAMES*>(
      certificate ? X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr) : nullptr));
  int uris = 0;
  bool matches = false;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    const absl::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                                 static_cast<size_t>(ASN1_STRING_length(uri)));
    ++uris;
    matches = text == spiffe_id;
  }
  if (uris == 1 && matches) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("the backend's certificate is not for ", spiffe_id));
}

}  // namespace arasta::gateway
