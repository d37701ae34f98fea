#include "common/admin/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <ctime>
#include <memory>

#include "absl/strings/str_cat.h"

namespace arasta::admin {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::unique_ptr<BIO, decltype(&BIO_free)> Open(const std::string& file) {
  return {BIO_new_file(file.c_str(), "r"), BIO_free};
}

Certificate ReadCertificate(const std::string& file) {
  const auto in = Open(file);
  return {in == nullptr ? nullptr : PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free};
}

Key ReadKey(const std::string& file) {
  const auto in = Open(file);
  return {in == nullptr ? nullptr : PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr),
          EVP_PKEY_free};
}

absl::Status Wrong(const std::string& file, absl::string_view what) {
  ERR_clear_error();  // a thread's own list, which others would take for theirs
  return absl::FailedPreconditionError(absl::StrCat(file, " ", what));
}

}  // namespace

double CertificateEnd(const std::string& file) {
  const Certificate certificate = ReadCertificate(file);
  tm end{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) return 0;
  return static_cast<double>(timegm(&end));
}

absl::Status CheckCertificate(const std::string& certificate, const std::string& key) {
  const Certificate ours = ReadCertificate(certificate);
  if (ours == nullptr) return Wrong(certificate, "holds no certificate that can be read");
  const Key private_key = ReadKey(key);
  if (private_key == nullptr) return Wrong(key, "holds no private key that can be read");
  if (X509_check_private_key(ours.get(), private_key.get()) != 1)
    return Wrong(key, "does not fit the certificate");
  if (X509_cmp_current_time(X509_get0_notBefore(ours.get())) >= 0)
    return Wrong(certificate, "is not good yet");
  if (X509_cmp_current_time(X509_get0_notAfter(ours.get())) <= 0) return Wrong(certificate, "has ended");
  return absl::OkStatus();
}

}  // namespace arasta::admin
