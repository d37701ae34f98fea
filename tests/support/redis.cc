#include "tests/support/redis.h"

#include <signal.h>

namespace arasta::testing {

TestRedis::TestRedis() : dir_("arasta-redis-") {
  Start();
}

void TestRedis::Start() {
  server_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"redis-server", "--port", "0", "--unixsocket", socket(), "--dir", dir_.path(),
                               "--save", "", "--appendonly", "yes", "--appendfsync", "no",
                               "--maxmemory-policy", "noeviction", "--supervised", "systemd"},
      ServerUser(), dir_.path() + "/log", SIGKILL);
  server_->AwaitReady();
}

void TestRedis::Kill() {
  server_.reset();
}

}  // namespace arasta::testing
