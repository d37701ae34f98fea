// A name server on the loopback, for clients that look names up again and again.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"

namespace arasta::testing {

// Thread-safe.
class NameServer {
 public:
  // Throws where it can't listen.
  NameServer();
  ~NameServer();

  int port() const { return port_; }
  // Every name stands for these IPv4 addresses from now on; nobody may remember the former ones.
  void MoveTo(std::vector<std::string> addresses);

 private:
  void Serve();
  std::string AnswerTo(const std::string& query);

  int fd_ = -1;
  int port_ = 0;
  Mutex mutex_;
  std::vector<std::string> addresses_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace arasta::testing
