// Deadlines that no gRPC client of ours sends, as they cap what they ask for: written byte by byte.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "absl/types/optional.h"
#include "tests/integration/common/rpc/echo_fixture.h"

namespace arasta::rpc {
namespace {

constexpr char kData = 0;
constexpr char kHeaders = 1;
constexpr char kSettings = 4;
constexpr char kEndStream = 1;
constexpr char kEndHeaders = 4;

// RFC 9113, section 4.1, of a payload under 256 bytes.
std::string Frame(char type, char flags, int stream, const std::string& payload) {
  return std::string{'\0', '\0', static_cast<char>(payload.size()), type, flags, '\0',
                     '\0', '\0', static_cast<char>(stream)} +
         payload;
}

// RFC 7541, section 6.2.2: literals that nobody compresses.
std::string HeaderBlock(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string block;
  for (const auto& [name, value] : fields) {
    block += '\0';
    for (const std::string& text : {name, value}) block += static_cast<char>(text.size()) + text;
  }
  return block;
}

class AgesTest : public EchoTest, public ::testing::WithParamInterface<const char*> {
 protected:
  AgesTest() {
    Start();
    handlers().echo = [this](const Call& call, const EchoRequest&) {
      Note(call);
      return EchoResponse();
    };
    handlers().before_repeat = [this](const Call& call) { Note(call); };
  }
  // Before what the handlers note down goes away.
  ~AgesTest() override {
    echo_.reset();
    close(socket_);
  }

  // What the handler of `method` is told by a call that asks for ages; none when it is not even called.
  absl::optional<absl::Time> DeadlineOf(const std::string& method) {
    Send(method, GetParam());
    if (!called_.WaitForNotificationWithTimeout(absl::Seconds(10))) return absl::nullopt;
    return deadline_;
  }

 private:
  void Note(const Call& call) {
    deadline_ = call.deadline();
    called_.Notify();
  }

  // Opens a connection and calls `method` with an empty message.
  void Send(const std::string& method, const std::string& timeout) {
    const std::string head = HeaderBlock({{":method", "POST"},
                                          {":scheme", "http"},
                                          {":path", "/arasta.testing.v1.EchoService/" + method},
                                          {":authority", "echo"},
                                          {"te", "trailers"},
                                          {"content-type", "application/grpc"},
                                          {"grpc-timeout", timeout}});
    const std::string bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, "") +
                              Frame(kHeaders, kEndHeaders, 1, head) +
                              Frame(kData, kEndStream, 1, std::string(5, '\0'));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(echo_->server().port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }

  const int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  absl::Time deadline_;
  absl::Notification called_;
};

TEST_P(AgesTest, AreTheContractsTimeForAUnaryCall) {
  const absl::optional<absl::Time> deadline = DeadlineOf("Echo");
  ASSERT_TRUE(deadline);
  EXPECT_GT(*deadline, absl::Now() - absl::Seconds(5));
  EXPECT_LE(*deadline, absl::Now() + absl::Seconds(5));
}

TEST_P(AgesTest, AreAgesForAStream) {
  const absl::optional<absl::Time> deadline = DeadlineOf("Repeat");
  ASSERT_TRUE(deadline);
  EXPECT_GT(*deadline, absl::Now() + absl::Hours(24 * 365 * 200));
}

// Nanoseconds that no 64 bits hold, and those that they hold until today's are added.
INSTANTIATE_TEST_SUITE_P(Hours, AgesTest, ::testing::Values("99999999H", "9999999H", "2562047H"));

}  // namespace
}  // namespace arasta::rpc
