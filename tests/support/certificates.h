// Certificates for tests of mutual TLS, as deploy/ makes them: one CA, a leaf a service.
#pragma once

#include <string>

namespace arasta::testing {

// A directory of its own under the system's temporary one; removed at the end.
class CertificateAuthority {
 public:
  CertificateAuthority();
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  // Writes <name>.crt and <name>.key, over what is there: spiffe://arasta/<service>, localhost and
  // 127.0.0.1.
  void Issue(const std::string& name, const std::string& service);

  std::string CaPath() const { return directory_ + "/ca.crt"; }
  std::string CertificatePath(const std::string& name) const { return directory_ + "/" + name + ".crt"; }
  std::string KeyPath(const std::string& name) const { return directory_ + "/" + name + ".key"; }

 private:
  std::string directory_;
};

}  // namespace arasta::testing
