// A TestBackend in a process of its own, to be killed, or not to be measured.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>

#include "tests/integration/gateway/built_files.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {

class Replica {
 public:
  explicit Replica(int port = 0)
      : log_(dir_.path() + "/log"),
        process_({kReplicaProgram, std::to_string(port)}, {getuid(), getgid()}, log_, SIGKILL) {
    EXPECT_TRUE(testing::Eventually([&] { return (std::ifstream(log_) >> port_).good() && port_ > 0; }));
  }
  int port() const { return port_; }
  // As CacheableUnaryCall tells.
  std::string id() const { return std::to_string(process_.pid()); }
  int End(int signal) {
    process_.Signal(signal);
    return process_.Wait();
  }

 private:
  testing::TempDir dir_{"arasta_replica_"};
  const std::string log_;
  testing::ChildProcess process_;
  int port_ = 0;
};

}  // namespace arasta::gateway
