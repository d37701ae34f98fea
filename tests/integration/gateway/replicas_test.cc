// Services with several replicas, of which some die, hang or are ill: nobody should notice.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/load.h"
#include "tests/integration/gateway/replica.h"
#include "tests/integration/gateway/scripted_backend.h"
#include "tests/support/eventually.h"
#include "tests/support/loopback.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Eventually;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::TestService;

// What "found again" means.
constexpr absl::Duration kSoon = absl::Seconds(3);

// Accepts nothing: the backlog is full, so that those who connect are not even refused.
class BlackHole {
 public:
  BlackHole() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port()));
    for (int& fd : fillers_) {
      fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      [[maybe_unused]] const int in_progress =
          connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
  }
  ~BlackHole() {
    for (const int fd : fillers_) close(fd);
    close(listener_.fd);
  }
  int port() const { return listener_.port; }

 private:
  const arasta::testing::LoopbackListener listener_ = arasta::testing::ListenOnLoopback(0);
  int fillers_[4];
};

class ReplicasTest : public GatewayTest {
 protected:
  void SetUp() override {}

  void StartBefore(const std::vector<int>& ports, int connections = 1) {
    GatewayConfig config = ConfigFor(ports[0]);
    config.connections_per_address = connections;
    config.descriptors = {WriteDescriptors(dir_.path())};
    for (size_t i = 1; i < ports.size(); ++i) {
      config.backends[0].addresses.push_back(absl::StrCat("127.0.0.1:", ports[i]));
    }
    StartGateway(std::move(config));
    AwaitReady();
  }

  // One call that may be repeated; tells which process answered.
  static grpc::Status Cacheable(TestService::Stub& stub, std::string* who = nullptr, size_t bytes = 0) {
    grpc::ClientContext context;
    SimpleRequest request;
    SimpleResponse response;
    request.mutable_payload()->set_body(std::string(bytes, 'x'));
    const grpc::Status status = stub.CacheableUnaryCall(&context, request, &response);
    if (who != nullptr) *who = response.server_id();
    return status;
  }
  Load StartLoad(Load::Call call) {
    return Load([this] { return NewStub(); }, std::move(call));
  }
  // Whether that process answers within `patience`.
  bool Serves(const std::string& id, absl::Duration patience) {
    const auto stub = NewStub();
    return Eventually(
        [&] {
          std::string who;
          return Cacheable(*stub, &who).ok() && who == id;
        },
        patience);
  }

  arasta::testing::TempDir dir_{"arasta_replicas_"};
};

TEST_F(ReplicasTest, TakeTurnsWithLoneCalls) {
  TestBackend first, second, third;
  StartBefore({first.port(), second.port(), third.port()});
  const auto stub = NewStub();
  EXPECT_TRUE(Eventually([&] {
    return Empty(*stub).ok() && first.service().calls > 0 && second.service().calls > 0 &&
           third.service().calls > 0;
  }));
  const int before = first.service().calls;
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(Empty(*stub).ok());
  EXPECT_EQ(first.service().calls - before, 10);
}

TEST_F(ReplicasTest, LoseNoIdempotentCallWhenOneIsKilled) {
  auto first = std::make_unique<Replica>();
  Replica second, third;
  StartBefore({first->port(), second.port(), third.port()});
  ASSERT_TRUE(Serves(first->id(), kSoon));
  Load load = StartLoad([](TestService::Stub& stub) { return Cacheable(stub); });
  load.Await(500);
  const int port = first->port();
  first->End(SIGKILL);
  load.Await(500);
  Replica back(port);
  EXPECT_TRUE(Serves(back.id(), kSoon));
  EXPECT_THAT(load.Stop(), ::testing::IsEmpty());
}

// Of calls that must not be made twice, too: one that is asked to end says so before it takes no more.
TEST_F(ReplicasTest, LoseNoCallWhenOneAfterTheOtherIsReplaced) {
  std::array<std::unique_ptr<Replica>, 2> replicas = {std::make_unique<Replica>(),
                                                      std::make_unique<Replica>()};
  StartBefore({replicas[0]->port(), replicas[1]->port()});
  Load load = StartLoad(&Empty);
  for (int i = 0; i < 8; ++i) {
    std::unique_ptr<Replica>& replica = replicas[i % 2];
    ASSERT_TRUE(Serves(replica->id(), kSoon));
    load.Await(100);
    EXPECT_EQ(replica->End(SIGTERM), 0);
    replica = std::make_unique<Replica>(replica->port());
  }
  EXPECT_THAT(load.Stop(), ::testing::IsEmpty());
}

TEST_F(ReplicasTest, AreLeftToOthersWhileTheySayThatTheyDoNotServe) {
  TestBackend first, second;
  StartBefore({first.port(), second.port()});
  const auto stub = NewStub();
  const auto calls_of_first = [&] {
    const int before = first.service().calls;
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(Empty(*stub).ok());
    return first.service().calls - before;
  };
  EXPECT_TRUE(Eventually([&] { return calls_of_first() == 5; }));
  first.health().SetServing(false);
  EXPECT_TRUE(Eventually([&] { return calls_of_first() == 0; }));
  second.health().SetServing(false);
  EXPECT_TRUE(Eventually([&] { return calls_of_first() == 5; })) << "there is none that serves";
  second.health().SetServing(true);
  EXPECT_TRUE(Eventually([&] { return calls_of_first() == 0; }));
  first.health().SetServing(true);
  EXPECT_TRUE(Eventually([&] { return calls_of_first() == 5; }));
}

TEST_F(ReplicasTest, AnswerForAnotherThatRefuses) {
  TestBackend well;
  const ScriptedBackend refusing(NGHTTP2_REFUSED_STREAM);
  StartBefore({well.port(), refusing.port()});
  const auto stub = NewStub();
  EXPECT_TRUE(Eventually([&] { return !Empty(*stub).ok() || refusing.calls() > 0; }));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Empty(*stub).ok());
}

TEST_F(ReplicasTest, AnswerForAnotherThatCancelsWhereThatIsSafe) {
  TestBackend well;
  const ScriptedBackend cancelling(NGHTTP2_CANCEL);
  StartBefore({well.port(), cancelling.port()});
  const auto stub = NewStub();
  EXPECT_TRUE(Eventually([&] { return !Cacheable(*stub).ok() || cancelling.calls() > 0; }));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Cacheable(*stub).ok());
  EXPECT_TRUE(Eventually([&] { return Empty(*stub).error_code() == grpc::StatusCode::CANCELLED; }))
      << "it may have been carried out";
}

TEST_F(ReplicasTest, DoNotWaitForOneThatCannotBeReached) {
  TestBackend reachable;
  auto hole = std::make_unique<BlackHole>();
  StartBefore({hole->port(), reachable.port()});
  const auto stub = NewStub();
  for (int i = 0; i < 20; ++i) {
    const absl::Time before = absl::Now();
    EXPECT_TRUE(Empty(*stub).ok());
    EXPECT_LT(absl::Now() - before, absl::Seconds(1));
  }
  const int port = hole->port();
  hole.reset();
  TestBackend back(port);
  EXPECT_TRUE(Eventually([&] { return Empty(*stub).ok() && back.service().calls > 0; }, kSoon));
}

TEST_F(ReplicasTest, AnswerForAnotherThatIsUnavailable) {
  TestBackend first, second;
  StartBefore({first.port(), second.port()});
  const auto stub = NewStub();
  for (TestBackend* ill : {&first, &second, &first, &second}) {
    ill->service().unavailable = 1;
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(Cacheable(*stub).ok());
    EXPECT_EQ(ill->service().unavailable, 0);
  }
}

TEST_F(ReplicasTest, AnswerForAnotherWhateverTheNumberOfItsConnections) {
  TestBackend ill, well;
  StartBefore({ill.port(), well.port()}, /*connections=*/2);
  const auto stub = NewStub();
  ASSERT_TRUE(Eventually([&] { return Cacheable(*stub).ok() && ill.service().connections() == 2; }));
  ill.service().unavailable = 1000;
  const int before = ill.service().calls;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Cacheable(*stub).ok());
  EXPECT_LE(ill.service().calls - before, 4);
}

// The first attempt may have done it: that the next was turned away must not sound as if nothing had been.
TEST_F(ReplicasTest, LeaveInDoubtWhatWasTurnedAwayOnlyWhenRepeated) {
  TestBackend first, second;
  StartBefore({first.port(), second.port()});
  for (TestBackend* backend : {&first, &second}) {
    backend->service().unavailable = 1;
    backend->service().busy = 1;
  }
  const auto stub = NewStub();
  EXPECT_EQ(Cacheable(*stub).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Cacheable(*stub).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Cacheable(*stub).ok());
}

TEST_F(ReplicasTest, AreEachToldTheTimeThatIsLeft) {
  TestBackend first, second;
  StartBefore({first.port(), second.port()});
  first.service().unavailable = second.service().unavailable = 1;
  const auto stub = NewStub();
  const auto begin = std::chrono::system_clock::now();
  grpc::ClientContext context;
  context.set_deadline(begin + std::chrono::seconds(3));
  SimpleResponse response;
  EXPECT_TRUE(stub->CacheableUnaryCall(&context, SimpleRequest(), &response).ok());
  for (TestBackend* backend : {&first, &second}) {
    EXPECT_GT(backend->service().last_deadline, begin + std::chrono::seconds(1));
    EXPECT_LT(backend->service().last_deadline, begin + std::chrono::milliseconds(3100));
  }
}

TEST_F(ReplicasTest, NeverRepeatWhatMayHaveBeenDone) {
  TestBackend first, second;
  StartBefore({first.port(), second.port()});
  first.service().unavailable = second.service().unavailable = 100;
  EXPECT_EQ(Empty(*NewStub()).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(first.service().calls + second.service().calls, 1);
}

TEST_F(ReplicasTest, RepeatOnlyWhatIsStillHeld) {
  TestBackend first, second;
  StartBefore({first.port(), second.port()});
  first.service().unavailable = second.service().unavailable = 100;
  EXPECT_EQ(Cacheable(*NewStub(), nullptr, 100'000).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(first.service().calls + second.service().calls, 1);
  EXPECT_EQ(Cacheable(*NewStub(), nullptr, 30'000).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(first.service().calls + second.service().calls, 1 + 4);
}

TEST_F(ReplicasTest, AreNotFloodedWithRepeatedCalls) {
  TestBackend first, second;
  StartBefore({first.port(), second.port()});
  first.service().unavailable = second.service().unavailable = 10'000;
  const auto stub = NewStub();
  for (int i = 0; i < 500; ++i) EXPECT_FALSE(Cacheable(*stub).ok());
  EXPECT_LT(first.service().calls + second.service().calls, 500 + 50 + 70);
}

TEST_F(ReplicasTest, AreLeftAloneWhileTheirCallsFail) {
  TestBackend ill, well;
  StartBefore({ill.port(), well.port()});
  const auto stub = NewStub();
  ASSERT_TRUE(Eventually([&] { return Empty(*stub).ok() && ill.service().calls > 0; }));
  ill.service().unavailable = 10'000;
  int failures = 0;
  for (int i = 0; i < 50; ++i) failures += Empty(*stub).ok() ? 0 : 1;
  EXPECT_GE(failures, 5);
  EXPECT_LE(failures, 10);
  ill.service().unavailable = 0;
  const int before = ill.service().calls;
  EXPECT_TRUE(Eventually([&] { return Empty(*stub).ok() && ill.service().calls > before + 5; }, kSoon));
}

}  // namespace
}  // namespace arasta::gateway
