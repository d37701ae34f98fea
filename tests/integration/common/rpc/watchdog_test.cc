// The dead listener: gRPC 1.51 stops accepting for ever after one accept that fails for want of file
// descriptors. The test provokes just that.
#include "common/rpc/watchdog.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/common/rpc/echo_fixture.h"
#include "tests/support/certificates.h"
#include "tests/support/loopback.h"

namespace arasta::rpc {
namespace {

// A socket that does not answer: bound and listening, nobody accepts.
class SilentListener {
 public:
  ~SilentListener() { close(listener_.fd); }
  int port() const { return listener_.port; }

 private:
  const testing::LoopbackListener listener_ = testing::ListenOnLoopback();
};

// Takes every file descriptor that the process may have, until it goes.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(next);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(next);
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptorsLeft() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_;
};

class WatchdogTest : public EchoTest {};

TEST_F(WatchdogTest, FindsALivingServerAlive) {
  Start();
  EXPECT_EQ(Dial("127.0.0.1:0", echo_->server().port(), absl::Seconds(10)), Pulse::kAlive);
  EXPECT_EQ(Dial("localhost:0", echo_->server().port(), absl::Seconds(10)), Pulse::kAlive);
}

TEST_F(WatchdogTest, FindsATlsServerAlive) {
  testing::CertificateAuthority ca;
  ca.Issue("echo", "echo");
  ServerOptions options;
  options.tls = {ca.CertificatePath("echo"), ca.KeyPath("echo"), ca.CaPath()};
  Start(std::move(options));
  EXPECT_EQ(Dial("127.0.0.1:0", echo_->server().port(), absl::Seconds(10)), Pulse::kAlive);
}

TEST_F(WatchdogTest, FindsAListenerDeadThatNeverAccepts) {
  const SilentListener silent;
  EXPECT_EQ(Dial("127.0.0.1:0", silent.port(), absl::Milliseconds(100)), Pulse::kDead);
}

TEST_F(WatchdogTest, TellsWhenRunningOutOfDescriptorsHasKilledTheListener) {
  absl::Notification dead;
  ServerOptions options;
  options.watchdog_interval = absl::Milliseconds(200);
  options.on_dead_listener = [&dead] { dead.Notify(); };
  Start(std::move(options));
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(echo_->server().port()));
  {
    const NoDescriptorsLeft none;
    ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(Dial("127.0.0.1:0", echo_->server().port(), absl::Seconds(1)), Pulse::kUnknown);
    EXPECT_FALSE(dead.WaitForNotificationWithTimeout(absl::Seconds(1))) << "it cannot know yet";
  }
  EXPECT_TRUE(dead.WaitForNotificationWithTimeout(absl::Seconds(20)));
  close(client);
}

}  // namespace
}  // namespace arasta::rpc
