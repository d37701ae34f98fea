#include "services/gateway/certificates.h"

#include <sys/stat.h>

#include <utility>

#include "common/base/status_macros.h"

namespace arasta::gateway {

CertificateFiles::CertificateFiles(FrontTls front, TlsFiles back)
    : front_(std::move(front)), back_(std::move(back)), known_(Look()) {}

absl::StatusOr<Certificates> CertificateFiles::Read() const {
  Certificates certificates;
  if (!front_.empty()) {
    ASSIGN_OR_RETURN(certificates.front, TlsContext::ForServer(front_));
  }
  if (!back_.empty()) {
    ASSIGN_OR_RETURN(certificates.back, TlsContext::ForClient(back_));
  }
  return certificates;
}

bool CertificateFiles::Changed() {
  std::vector<Stamp> now = Look();
  return std::exchange(known_, now) != now;
}

CertificateFiles::Stamp CertificateFiles::StampOf(const std::string& file) {
  struct stat found {};
  if (file.empty() || stat(file.c_str(), &found) != 0) return {};
  return {found.st_ino, found.st_size, found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec};
}

std::vector<CertificateFiles::Stamp> CertificateFiles::Look() const {
  std::vector<Stamp> stamps;
  for (const std::string* file : {&front_.certificate, &front_.key, &front_.client_authority,
                                  &back_.certificate, &back_.key, &back_.authority}) {
    stamps.push_back(StampOf(*file));
  }
  return stamps;
}

}  // namespace arasta::gateway
