// A gateway that is asked to end: no call is lost that its client could not know to be too late.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/raw_client.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Eventually;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const char kEmptyCall[] = "/grpc.testing.TestService/EmptyCall";
const auto kToldAndServed = AllOf(HasSubstr("connection: close\r\n"), HasSubstr("grpc-status:0"));

class DrainTest : public GatewayTest {
 protected:
  void TearDown() override {
    if (drain_.joinable()) drain_.join();
  }

  // Returns when the gateway has told every client what it can tell.
  void Drain() {
    drain_ = std::thread([this] { gateway_->Drain(absl::Seconds(20)); });
    EXPECT_TRUE(Eventually([this] { return Http2Client(port()).closed(); }));
  }

 private:
  std::thread drain_;
};

TEST_F(DrainTest, LetsCallsFinishAndTakesNoNewClients) {
  Http2Client client(port());
  const int32_t id = client.Send("/grpc.testing.TestService/FullDuplexCall", "", {}, /*end=*/false);
  ASSERT_TRUE(client.Until([&] { return service().calls == 1; }));
  Drain();
  EXPECT_TRUE(client.Until([&] { return client.goaway().has_value(); }));
  EXPECT_EQ(client.goaway().value_or(1), static_cast<uint32_t>(NGHTTP2_NO_ERROR));
  EXPECT_FALSE(client.answer(id).ended);
  client.Reset(id);
  EXPECT_TRUE(client.Until([&] { return client.closed(); }));
}

TEST_F(DrainTest, AnswersOneMoreRequestOfAnIdleHttp1Connection) {
  RawClient asking(port());
  RawClient silent(port());
  for (RawClient* client : {&asking, &silent}) {
    client->Send(Post(kEmptyCall, GrpcFrame("")));
    EXPECT_THAT(client->ReadUntil(kLastChunk), Not(HasSubstr("connection: close")));
  }
  Drain();
  asking.Send(Post(kEmptyCall, GrpcFrame("")));
  EXPECT_THAT(asking.ReadToEnd(), kToldAndServed);
  EXPECT_EQ(silent.ReadToEnd(), "");
}

TEST_F(DrainTest, AnswersOneMoreRequestAfterAnAnswerThatHadBegun) {
  grpc::testing::StreamingOutputCallRequest request;
  for (int i = 0; i < 16; ++i) request.add_response_parameters()->set_size(1 << 20);
  RawClient client(port());
  client.Send(Post("/grpc.testing.TestService/StreamingOutputCall", GrpcFrame(request.SerializeAsString())));
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), Not(HasSubstr("connection: close")));
  Drain();
  EXPECT_THAT(client.ReadUntil(kLastChunk), HasSubstr("grpc-status:0"));
  client.Send(Post(kEmptyCall, GrpcFrame("")));
  EXPECT_THAT(client.ReadToEnd(), kToldAndServed);
}

TEST_F(DrainTest, ServesWhoHadOnlyJustConnected) {
  const std::string request = Post(kEmptyCall, GrpcFrame(""));
  RawClient silent(port());
  RawClient speaking(port());
  speaking.Send(request.substr(0, 20));
  Drain();
  silent.Send(request);
  speaking.Send(request.substr(20));
  for (RawClient* client : {&silent, &speaking}) EXPECT_THAT(client->ReadToEnd(), kToldAndServed);
}

// Every client goes on until it is told to stop, by GOAWAY or by "connection: close".
TEST_F(DrainTest, LosesNoCallOfBusyClients) {
  std::atomic<int> served = 0;
  std::atomic<int> lost = 0;
  const auto count = [&](bool ok) { ++(ok ? served : lost); };
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      Http2Client client(port());
      while (!client.goaway() && !client.closed()) {
        count(client.Await(client.Send(kEmptyCall, GrpcFrame(""))).Field("grpc-status") == "0");
      }
    });
    clients.emplace_back([&] {
      RawClient client(port());
      for (std::string answer = "none yet";
           !answer.empty() && !absl::StrContains(answer, "connection: close");) {
        client.Send(Post(kEmptyCall, GrpcFrame("")));
        answer = client.ReadUntil(kLastChunk);
        count(absl::StrContains(answer, "grpc-status:0"));
      }
    });
  }
  EXPECT_TRUE(Eventually([&] { return served > 200; }));
  Drain();
  clients.clear();
  EXPECT_EQ(lost, 0);
}

}  // namespace
}  // namespace arasta::gateway
