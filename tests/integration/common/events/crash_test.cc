// Every named crash point of the bus: the process is killed there, another goes on, and each event has
// had its effect once.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/integration/common/events/event_bus.h"
#include "tests/support/child_process.h"

namespace arasta::events {
namespace {

// A crash point and the role that passes it.
struct Death {
  const char* point;
  const char* role;
};

class CrashTest : public ::testing::TestWithParam<Death> {
 protected:
  // The exit code of a worker that dies at `crash_point`, or lives where it is empty.
  int Work(const std::string& role, const std::string& crash_point) {
    setenv("ARASTA_CRASH_POINT", crash_point.c_str(), 1);
    testing::TempDir dir("arasta-worker-");
    testing::ChildProcess worker(
        {BUS_WORKER, role, bus_.shop.conninfo(), bus_.mail.conninfo(), bus_.redis_server.address()},
        {getuid(), getgid()}, dir.path() + "/log", SIGKILL);
    unsetenv("ARASTA_CRASH_POINT");
    const int status = worker.Wait();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  EventBus bus_;
};

TEST_P(CrashTest, EachEventStillTakesEffectOnce) {
  const Death death = GetParam();
  for (int i = 0; i < 8; ++i) bus_.Change(absl::StrCat("things/", i % 3), 2);
  if (death.role == std::string("consumer")) {
    ASSERT_EQ(Work("relay", ""), 0);
  }
  EXPECT_EQ(Work(death.role, absl::StrCat(death.point, ":1")), 137);
  for (int i = 0; i < 4; ++i) bus_.Change(absl::StrCat("things/", i % 3));
  if (death.role == std::string("consumer")) {
    EXPECT_EQ(Work(death.role, absl::StrCat(death.point, ":7")), 137);
  }
  ASSERT_EQ(Work("relay", ""), 0);
  ASSERT_EQ(Work("consumer", ""), 0);
  bus_.ExpectDense();
  bus_.ExpectEachAppliedOnceInOrder();
}

INSTANTIATE_TEST_SUITE_P(Points, CrashTest,
                         ::testing::Values(Death{"relay.after_sequencing", "relay"},
                                           Death{"relay.after_xadd", "relay"},
                                           Death{"relay.before_watermark", "relay"},
                                           Death{"consumer.after_inbox", "consumer"},
                                           Death{"consumer.before_watermark", "consumer"}),
                         [](const auto& info) {
                           return absl::StrReplaceAll(info.param.point, {{".", "_"}});
                         });

}  // namespace
}  // namespace arasta::events
