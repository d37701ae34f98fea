// The files of a configuration that certificates come from: what is in them, and whether they have changed.
#pragma once

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/tls.h"

namespace arasta::gateway {

// Null where there is none.
struct Certificates {
  std::shared_ptr<const TlsContext> front;  // towards clients
  std::shared_ptr<const TlsContext> back;   // towards backends
};

class CertificateFiles {
 public:
  CertificateFiles() = default;
  CertificateFiles(FrontTls front, TlsFiles back);

  // The error names the file.
  absl::StatusOr<Certificates> Read() const;
  // Whether any of them is not what it was when this was last asked, or else at the construction: another
  // file, of another size or written since.
  bool Changed();

 private:
  // What a file is as long as nobody writes it or puts another in its place; zeros where there is none.
  struct Stamp {
    ino_t inode = 0;
    off_t size = 0;
    int64_t written_ns = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  static Stamp StampOf(const std::string& file);
  std::vector<Stamp> Look() const;

  FrontTls front_;
  TlsFiles back_;
  std::vector<Stamp> known_;
};

}  // namespace arasta::gateway
