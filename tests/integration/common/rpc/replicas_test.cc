// Two processes of a service behind one channel: calls go round them, one that ends or is killed is left at
// once and found again when it is back.
#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <set>

#include "tests/integration/common/rpc/busy_callers.h"
#include "tests/integration/common/rpc/echo_fixture.h"
#include "tests/support/child_process.h"
#include "tests/support/loopback.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::Eventually;
using ::arasta::testing::IsOk;
using testing::ChildProcess;

constexpr absl::Duration kFoundAgain = absl::Seconds(3);

class ReplicasTest : public ::testing::Test {
 protected:
  struct Replica {
    std::string name;
    int port = testing::FreePort();  // a replica that comes back must come back to its own
    std::unique_ptr<ChildProcess> process = {};
  };

  void SetUp() override { ASSERT_THAT(own_.server().Start(), IsOk()); }

  void Start(Replica& replica, const std::string& nature) {
    replica.process = std::make_unique<ChildProcess>(
        std::vector<std::string>{ECHO_PROCESS, replica.name, std::to_string(replica.port), nature},
        testing::ServerUser(), dir_.path() + "/" + replica.name + ".log", SIGKILL);
  }

  static bool IsDead(const Replica& replica) {
    siginfo_t info = {};
    waitid(P_PID, replica.process->pid(), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid != 0;
  }

  // Which replica answers a call that may be retried; empty where none does.
  std::string Probe() {
    const Call call = Call::Background("test", absl::Now() + absl::Seconds(2));
    const auto response = Invoke(call, stub_, &EchoService::Stub::Probe, ProbeRequest());
    return response.ok() ? response->server() : "";
  }

  absl::StatusOr<EchoResponse> Echo() {
    EchoRequest request;
    request.set_text("tea");
    return Invoke(Call::Background("test", absl::Now() + absl::Seconds(5)), stub_, &EchoService::Stub::Echo,
                  request);
  }

  std::set<std::string> Answering() {
    std::set<std::string> names;
    for (int i = 0; i < 10; ++i) names.insert(Probe());
    return names;
  }

  // Every process of ours has a server, whose threads see to the channels' connections too; without one
  // gRPC looks at them every five seconds.
  EchoServer own_{{}, /*workers=*/1};
  testing::TempDir dir_{"arasta-replicas-"};
  Replica first_{"first"}, second_{"second"};
  Channel channel_{{.address = absl::StrCat("127.0.0.1:", first_.port, ", 127.0.0.1:", second_.port),
                    .peer = "echo",
                    .self = "gateway"}};
  Stub<EchoService> stub_{channel_};
};

TEST_F(ReplicasTest, ShareTheCalls) {
  Start(first_, "steady");
  Start(second_, "steady");
  EXPECT_TRUE(Eventually([&] { return Answering() == std::set<std::string>{"first", "second"}; }));
}

TEST_F(ReplicasTest, NoCallFailsWhenOneDiesInTheMiddleOfIt) {
  Start(second_, "steady");
  ASSERT_TRUE(Eventually([&] { return Probe() == "second"; }));
  Start(first_, "mortal");
  const absl::Time give_up = absl::Now() + absl::Seconds(20);
  while (!IsDead(first_) && absl::Now() < give_up) ASSERT_EQ(Probe(), "second");
  ASSERT_TRUE(IsDead(first_)) << "no call came to it";
  EXPECT_EQ(Answering(), std::set<std::string>{"second"});

  Start(first_, "steady");
  EXPECT_TRUE(Eventually([&] { return Probe() == "first"; }, kFoundAgain));
  second_.process->Signal(SIGKILL);
  EXPECT_EQ(Answering(), std::set<std::string>{"first"});
}

// Echo is nothing that may be retried.
TEST_F(ReplicasTest, NoCallFailsWhenOneAfterTheOtherIsReplaced) {
  std::array<Replica*, 2> replicas = {&first_, &second_};
  for (Replica* replica : replicas) Start(*replica, "steady");
  ASSERT_TRUE(Eventually([&] { return Answering().size() == 2; }));
  BusyCallers callers(4, [this] { return Echo().status(); });
  for (int i = 0; i < 8; ++i) {
    Replica& replica = *replicas[i % 2];
    EXPECT_TRUE(Eventually([&, before = callers.served()] { return callers.served() > before + 50; }));
    replica.process->Signal(SIGTERM);
    EXPECT_EQ(replica.process->Wait(), 0);
    Start(replica, "steady");
    EXPECT_TRUE(Eventually([&] { return Probe() == replica.name; }, kFoundAgain));
  }
  EXPECT_THAT(callers.Stop(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace arasta::rpc
