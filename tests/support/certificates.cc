#include "tests/support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace arasta::testing {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<FILE, decltype(&fclose)>;

constexpr long kOneDay = 24 * 60 * 60;

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate Begin(EVP_PKEY* key, const std::string& common_name) {
  static std::atomic<long> serial{1};
  Certificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kOneDay);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  return certificate;
}

// Written beside and renamed, so that a reader never sees half a file.
template <typename Write>
void WriteFile(const std::string& path, Write write) {
  const std::string fresh = path + ".new";
  write(File(fopen(fresh.c_str(), "w"), &fclose).get());
  std::filesystem::rename(fresh, path);
}

void WriteKey(const std::string& path, EVP_PKEY* key) {
  WriteFile(path,
            [key](FILE* file) { PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

void WriteCertificate(const std::string& path, X509* certificate) {
  WriteFile(path, [certificate](FILE* file) { PEM_write_X509(file, certificate); });
}

}  // namespace

CertificateAuthority::CertificateAuthority() {
  std::string pattern = (std::filesystem::temp_directory_path() / "arasta-certificates-XXXXXX").string();
  directory_ = mkdtemp(pattern.data());
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Certificate certificate = Begin(key.get(), "Arasta test CA");
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  AddExtension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  WriteKey(KeyPath("ca"), key.get());
  WriteCertificate(CaPath(), certificate.get());
}

CertificateAuthority::~CertificateAuthority() {
  std::filesystem::remove_all(directory_);
}

void CertificateAuthority::Issue(const std::string& name, const std::string& service) {
  const File ca_key_file(fopen(KeyPath("ca").c_str(), "r"), &fclose);
  const Key ca_key(PEM_read_PrivateKey(ca_key_file.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  const File ca_file(fopen(CaPath().c_str(), "r"), &fclose);
  const Certificate ca(PEM_read_X509(ca_file.get(), nullptr, nullptr, nullptr), &X509_free);

  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Certificate certificate = Begin(key.get(), service);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(ca.get()));
  AddExtension(certificate.get(), ca.get(), NID_subject_alt_name,
               "URI:spiffe://arasta/" + service + ",DNS:localhost,IP:127.0.0.1");
  AddExtension(certificate.get(), ca.get(), NID_ext_key_usage, "serverAuth,clientAuth");
  X509_sign(certificate.get(), ca_key.get(), EVP_sha256());
  WriteKey(KeyPath(name), key.get());
  WriteCertificate(CertificatePath(name), certificate.get());
}

}  // namespace arasta::testing
