#include "tests/support/redis.h"

#include <signal.h>

#include <utility>

namespace arasta::testing {

TestRedis::TestRedis(std::vector<std::string> settings)
    : settings_(std::move(settings)), dir_("arasta-redis-") {
  Start();
}

void TestRedis::Start() {
  std::vector<std::string> command = {"redis-server",
                                      "--port",
                                      "0",
                                      "--unixsocket",
                                      socket(),
                                      "--dir",
                                      dir_.path(),
                                      "--save",
                                      "",
                                      "--appendonly",
                                      "yes",
                                      "--appendfsync",
                                      "no",
                                      "--maxmemory-policy",
                                      "noeviction",
                                      "--supervised",
                                      "systemd"};
  command.insert(command.end(), settings_.begin(), settings_.end());
  server_ = std::make_unique<ChildProcess>(command, ServerUser(), dir_.path() + "/log", SIGKILL);
  server_->AwaitReady();
}

void TestRedis::Kill() {
  server_.reset();
}

}  // namespace arasta::testing
