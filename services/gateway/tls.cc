#include "services/gateway/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"

namespace arasta::gateway {
namespace {

constexpr std::array<unsigned char, 3> kAlpnH2 = {2, 'h', '2'};
constexpr std::array<unsigned char, 12> kAlpnBoth = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// What HTTP/2 allows of TLS 1.2; those of TLS 1.3 are all good.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr long kTicketSeconds = 3600;
constexpr absl::string_view kSessionContext = "arasta-gateway";

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
struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

void SetCommon(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // A key with a passphrase is refused; OpenSSL would ask for it on the terminal.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
}

absl::Status UseCertificate(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) return TlsError(certificate);
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return TlsError(key);
  }
  return absl::OkStatus();
}

int ChooseAlpn(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
               unsigned offered_length, void*) {
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(chosen), length, kAlpnBoth.data(),
                                          kAlpnBoth.size(), offered, offered_length);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

absl::Status AskForCertificates(SSL_CTX* context, const FrontTls& settings) {
  if (settings.client_certificates == ClientCertificates::kNone) return absl::OkStatus();
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(settings.client_authority.c_str());
  if (names == nullptr ||
      SSL_CTX_load_verify_locations(context, settings.client_authority.c_str(), nullptr) != 1) {
    sk_X509_NAME_pop_free(names, &X509_NAME_free);
    return TlsError(settings.client_authority);
  }
  SSL_CTX_set_client_CA_list(context, names);
  const bool required = settings.client_certificates == ClientCertificates::kRequired;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  return absl::OkStatus();
}

// The URI names of the peer's certificate.
std::vector<std::string> UriNames(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, NamesFree> names(static_cast<GENERAL_NAMES*>(
      certificate ? X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr) : nullptr));
  std::vector<std::string> uris;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                      static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  return uris;
}

// In ASCII without control characters, which X509_NAME_print_ex escapes.
std::string SubjectOf(X509* certificate) {
  const std::unique_ptr<BIO, BioFree> text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(text.get(), &bytes);
  return std::string(bytes, static_cast<size_t>(std::max(length, 0L)));
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

bool IsPlainUri(const std::string& uri) {
  return std::all_of(uri.begin(), uri.end(), [](unsigned char c) {
    return absl::ascii_isgraph(c) && c != ';' && c != ',' && c != '"';
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::ForClient(const TlsFiles& files) {
  std::unique_ptr<TlsContext> tls(new TlsContext(SSL_CTX_new(TLS_client_method())));
  SSL_CTX* context = tls->get();
  if (context == nullptr) return TlsError("TLS");
  SetCommon(context);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_locations(context, files.authority.c_str(), nullptr) != 1) {
    return TlsError(files.authority);
  }
  RETURN_IF_ERROR(UseCertificate(context, files.certificate, files.key));
  SSL_CTX_set_alpn_protos(context, kAlpnH2.data(), kAlpnH2.size());
  return tls;
}

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::ForServer(const FrontTls& settings) {
  std::unique_ptr<TlsContext> tls(new TlsContext(SSL_CTX_new(TLS_server_method())));
  SSL_CTX* context = tls->get();
  if (context == nullptr) return TlsError("TLS");
  SetCommon(context);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (SSL_CTX_set_cipher_list(context, kCiphers) != 1) return TlsError("TLS ciphers");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, kTicketSeconds);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(kSessionContext.data()),
                                 static_cast<unsigned>(kSessionContext.size()));
  SSL_CTX_set_alpn_select_cb(context, &ChooseAlpn, nullptr);
  RETURN_IF_ERROR(UseCertificate(context, settings.certificate, settings.key));
  RETURN_IF_ERROR(AskForCertificates(context, settings));
  return tls;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

absl::string_view AlpnOf(const ssl_st* tls) {
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(tls, &protocol, &length);
  return absl::string_view(reinterpret_cast<const char*>(protocol), length);
}

std::string ClientCertificateOf(const ssl_st* tls) {
  const std::unique_ptr<X509, X509Free> certificate(SSL_get1_peer_certificate(tls));
  if (certificate == nullptr || SSL_get_verify_mode(tls) == SSL_VERIFY_NONE) return "";
  std::string text = absl::StrCat("Subject=", Quoted(SubjectOf(certificate.get())));
  for (const std::string& uri : UriNames(certificate.get())) {
    if (IsPlainUri(uri)) absl::StrAppend(&text, ";URI=", uri);
  }
  return text;
}

absl::Status CheckPeer(const ssl_st* tls, absl::string_view spiffe_id) {
  if (AlpnOf(tls) != "h2") return absl::FailedPreconditionError("the backend does not speak h2");
  const std::unique_ptr<X509, X509Free> certificate(SSL_get1_peer_certificate(tls));
  const std::vector<std::string> uris = UriNames(certificate.get());
  if (uris.size() == 1 && uris.front() == spiffe_id) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("the backend's certificate is not for ", spiffe_id));
}

}  // namespace arasta::gateway
