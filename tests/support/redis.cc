#include "tests/support/redis.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "tests/support/unix_socket.h"

namespace arasta::testing {
namespace {

bool Accepts(const std::string& socket_path) {
  const int fd = ConnectUnix(socket_path);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

}  // namespace

TestRedis::TestRedis() : dir_("arasta-redis-") {
  Start();
}

void TestRedis::Start() {
  server_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"redis-server", "--port", "0", "--unixsocket", socket(), "--dir", dir_.path(),
                               "--save", "", "--appendonly", "yes", "--appendfsync", "no",
                               "--maxmemory-policy", "noeviction"},
      ServerUser(), dir_.path() + "/log", SIGKILL);
  for (int attempt = 0; attempt < 1500; ++attempt) {
    if (Accepts(socket())) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("Redis did not start");
}

void TestRedis::Kill() {
  server_.reset();
}

}  // namespace arasta::testing
