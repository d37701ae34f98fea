// A proxy between Unix sockets that cuts a connection at a chosen word of the client's: the fault that
// leaves a client not knowing whether its request was carried out.
#pragma once

#include <string>
#include <thread>

#include "common/base/mutex.h"
#include "tests/support/child_process.h"

namespace arasta::testing {

class CuttingProxy {
 public:
  enum class Cut {
    kBeforeRequest,  // the server never sees the request
    kAfterReply,     // the server has answered, the client never sees it
  };

  // Listens at dir() + `name` and passes on to the socket `upstream`.
  CuttingProxy(std::string upstream, const std::string& name);
  ~CuttingProxy();

  const std::string& dir() const { return dir_.path(); }

  // Cuts the next connection on which the client sends a packet containing `pattern`.
  void CutOnceAt(std::string pattern, Cut cut);

 private:
  void Serve(std::stop_token stop);
  void Relay(int client, std::stop_token stop);
  bool TakeCut(const std::string& packet, Cut* cut);

  TempDir dir_;
  std::string upstream_;
  int listener_ = -1;
  Mutex mutex_;
  std::string pattern_ ABSL_GUARDED_BY(mutex_);
  Cut cut_ ABSL_GUARDED_BY(mutex_) = Cut::kBeforeRequest;
  std::jthread thread_;
};

}  // namespace arasta::testing
