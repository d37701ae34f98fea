// The files that make a process known to its peers.
#pragma once

#include <string>

namespace arasta::rpc {

// PEM files, reread while running: certificates replaced on disk are used within 10 s. All empty means
// cleartext, which configuration refuses outside the local and test profiles.
struct TlsFiles {
  std::string certificate = {};
  std::string key = {};
  std::string ca = {};

  bool empty() const { return certificate.empty() && key.empty() && ca.empty(); }
};

}  // namespace arasta::rpc
