// Connections of an age: callers make others, find replicas that came since, and lose no call by it.
#include <thread>

#include "tests/integration/common/rpc/busy_callers.h"
#include "tests/integration/common/rpc/echo_fixture.h"
#include "tests/support/name_server.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::Eventually;
using ::arasta::testing::IsOk;
using testing::NameServer;

constexpr absl::Duration kAge = absl::Milliseconds(50);
// A name is looked up once a second at most.
constexpr absl::Duration kSoon = absl::Seconds(5);

// Two replicas under one name, at one port of two addresses of the loopback.
class ConnectionAgeTest : public ::testing::Test {
 protected:
  void Start(absl::Duration age, absl::Duration grace = absl::Minutes(1)) {
    first_ = Replica("first", "127.0.0.1:0", age, grace);
    const int port = first_->server().port();
    second_ = Replica("second", absl::StrCat("127.0.0.2:", port), age, grace);
    names_.MoveTo({"127.0.0.1"});
    channel_ = std::make_unique<Channel>(
        ChannelOptions{.address = absl::StrCat("dns://127.0.0.1:", names_.port(), "/echo.shop:", port),
                       .peer = "echo",
                       .self = "gateway"});
    stub_ = std::make_unique<Stub<EchoService>>(*channel_);
    ASSERT_TRUE(Eventually([this] { return Answering() == "first"; }));
  }

  // Which replica answers; empty where none does.
  std::string Answering() {
    const auto response = Invoke(Caller(), *stub_, &EchoService::Stub::Probe, ProbeRequest());
    return response.ok() ? response->server() : "";
  }
  bool SecondIsFound() {
    return Eventually([this] { return Answering() == "second"; }, kSoon);
  }
  // Nothing that may be retried.
  absl::StatusOr<EchoResponse> Echo() {
    return Invoke(Caller(), *stub_, &EchoService::Stub::Echo, EchoRequest());
  }
  static Call Caller() { return Call::Background("test", absl::Now() + absl::Seconds(20)); }

  NameServer names_;
  auth::TokenSigner signer_{auth::SigningKey::Generate(), "arasta"};
  auth::TokenVerifier verifier_{"arasta"};
  std::unique_ptr<EchoServer> first_, second_;
  std::unique_ptr<Channel> channel_;
  std::unique_ptr<Stub<EchoService>> stub_;

 private:
  std::unique_ptr<EchoServer> Replica(const std::string& name, const std::string& listen, absl::Duration age,
                                      absl::Duration grace) {
    auth::KeySet keys;
    keys.Add(signer_.key().id(), signer_.key().public_key());
    verifier_.SetKeys(keys);
    ServerOptions options;
    options.listen = listen;
    options.verifier = &verifier_;
    options.threads = 1;
    options.connection_age = age;
    options.connection_grace = grace;
    auto replica = std::make_unique<EchoServer>(std::move(options), /*workers=*/8);
    replica->handlers.probe = [name](const Call&) {
      ProbeResponse response;
      response.set_server(name);
      return response;
    };
    EXPECT_THAT(replica->server().Start(), IsOk());
    return replica;
  }
};

TEST_F(ConnectionAgeTest, LetsCallersFindReplicasThatCameSince) {
  Start(kAge);
  names_.MoveTo({"127.0.0.2"});
  EXPECT_TRUE(SecondIsFound());
}

TEST_F(ConnectionAgeTest, FailsNoCallThatIsUnderWay) {
  Start(kAge);
  absl::Notification started, release;
  first_->handlers.echo = [&](const Call&, const EchoRequest&) {
    started.Notify();
    release.WaitForNotification();
    return EchoResponse();
  };
  std::thread client([this] { EXPECT_THAT(Echo(), IsOk()); });
  started.WaitForNotification();
  names_.MoveTo({"127.0.0.2"});
  EXPECT_TRUE(SecondIsFound());
  release.Notify();
  client.join();
}

// A client whose stream would have gone on asks again, as after any UNAVAILABLE.
TEST_F(ConnectionAgeTest, LetsStreamsGoOnAndCutsThemOffAfterTheGrace) {
  Start(kAge, /*grace=*/kSoon + absl::Seconds(1));
  Mutex mutex;
  absl::optional<Watch<EchoResponse>> watch;
  absl::Notification ended;
  first_->handlers.follow = [&](const Call&, const EchoRequest&, Watch<EchoResponse> begun) {
    MutexLock lock(mutex);
    watch = begun;
    begun.Write(EchoResponse());
    begun.OnCancel([&ended] { ended.Notify(); });
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  const absl::Time now = absl::Now();
  context.AddMetadata("authorization", "Bearer " + signer_.Sign({.subject = kAlice,
                                                                 .issue_time = now,
                                                                 .expire_time = now + absl::Minutes(5),
                                                                 .authenticated_time = now}));
  const auto reader = stub_->grpc().Follow(&context, EchoRequest());
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));

  names_.MoveTo({"127.0.0.2"});
  EXPECT_TRUE(SecondIsFound());
  {
    MutexLock lock(mutex);
    EXPECT_TRUE(watch->Write(EchoResponse()));
  }
  EXPECT_TRUE(reader->Read(&response));
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(kSoon));
}

TEST_F(ConnectionAgeTest, LosesNoCallOfBusyCallers) {
  Start(absl::Milliseconds(200));
  // Fewer than the workers of a replica: what waits too long on a busy machine would be refused.
  BusyCallers callers(6, [this] { return Echo().status(); });
  const auto deadline = absl::ToChronoTime(absl::Now() + absl::Seconds(30));
  for (int connections = 0; connections < 25; ++connections) {
    ASSERT_TRUE(channel_->grpc()->WaitForConnected(deadline));
    ASSERT_TRUE(channel_->grpc()->WaitForStateChange(GRPC_CHANNEL_READY, deadline));
  }
  EXPECT_THAT(callers.Stop(), ::testing::IsEmpty());
  EXPECT_GT(callers.served(), 100);
}

}  // namespace
}  // namespace arasta::rpc
