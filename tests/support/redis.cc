#include "tests/support/redis.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "tests/support/unix_socket.h"

namespace arasta::testing {
namespace {

// Answers, and no longer only that it is loading its file.
bool IsReady(const std::string& socket_path) {
  const int fd = ConnectUnix(socket_path);
  if (fd < 0) return false;
  char answer[5] = {};
  const bool ready = send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6 &&
                     recv(fd, answer, sizeof answer, MSG_WAITALL) == sizeof answer &&
                     std::memcmp(answer, "+PONG", sizeof answer) == 0;
  close(fd);
  return ready;
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
    if (IsReady(socket())) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("Redis did not start");
}

void TestRedis::Kill() {
  server_.reset();
}

}  // namespace arasta::testing
