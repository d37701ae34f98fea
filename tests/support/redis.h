// A Redis of a test's own, on a Unix socket.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace arasta::testing {

class TestRedis {
 public:
  // Persistent as the event instance is (noeviction, AOF), but not flushed to the disk. `settings` are more
  // of redis-server's arguments.
  explicit TestRedis(std::vector<std::string> settings = {});

  // "unix:/tmp/…/redis.sock", as configuration takes it.
  std::string address() const { return "unix:" + socket(); }
  std::string socket() const { return dir_.path() + "/redis.sock"; }

  // Ends the server as `kill -9` does.
  void Kill();
  // Starts it again with what it had stored.
  void Start();

 private:
  const std::vector<std::string> settings_;
  TempDir dir_;
  std::unique_ptr<ChildProcess> server_;
};

}  // namespace arasta::testing
