// What clients that do not read cost: bounded memory, and a backend that is stopped.
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/replica.h"
#include "tests/support/eventually.h"
#include "tests/support/resident.h"

namespace arasta::gateway {
namespace {

using arasta::testing::ResidentBytes;

constexpr int kStreams = 40;
constexpr int kMessages = 200;
constexpr int kMessageBytes = 256 * 1024;
constexpr int64_t kWindow = 64 * 1024;

class MemoryTest : public GatewayTest {};

// 2 GB are asked for. What is between the backend's Write and the client's socket is two windows a stream,
// the sockets' own buffers, and a message that the backend has already taken into its stack.
TEST_F(MemoryTest, StopsTheBackendOfAClientThatDoesNotRead) {
  grpc::testing::StreamingOutputCallRequest request;
  for (int i = 0; i < kMessages; ++i) request.add_response_parameters()->set_size(kMessageBytes);
  const std::string frame = GrpcFrame(request.SerializeAsString());
  Http2Client client(port(), /*reads=*/0);
  const int64_t before = ResidentBytes();
  std::vector<int32_t> streams;
  for (int i = 0; i < kStreams; ++i) {
    streams.push_back(client.Send("/grpc.testing.TestService/StreamingOutputCall", frame));
  }
  // Every stream has delivered its whole window, and cannot go on.
  ASSERT_TRUE(client.Until([&] {
    return std::all_of(streams.begin(), streams.end(), [&](int32_t id) {
      return static_cast<int64_t>(client.answer(id).body.size()) >= kWindow - 1;
    });
  }));
  // Others are served meanwhile; by then whatever was going to be buffered is.
  Http2Client other(port());
  for (int i = 0; i < 50; ++i) {
    const int32_t id = other.Send("/grpc.testing.TestService/UnaryCall", GrpcFrame(""));
    ASSERT_EQ(other.Await(id).Field("grpc-status"), "0");
  }
  EXPECT_LT(service().sent_bytes, kStreams * (4 * kWindow + 3 * kMessageBytes));
  EXPECT_LT(ResidentBytes() - before, kStreams * (2 * kWindow + 4 * kMessageBytes) + (64 << 20));
}

// Text is a third longer than what it stands for: the more a client has read, the more would otherwise wait.
TEST_F(MemoryTest, CountsWhatTheBackendSentNotWhatBecameOfIt) {
  constexpr size_t kRead = 24 << 20;
  grpc::testing::StreamingOutputCallRequest request;
  for (int i = 0; i < kMessages; ++i) request.add_response_parameters()->set_size(kMessageBytes);
  Http2Client client(port(), kRead);
  const int32_t id = client.Send("/grpc.testing.TestService/StreamingOutputCall",
                                 absl::Base64Escape(GrpcFrame(request.SerializeAsString())),
                                 {{"content-type", "application/grpc-web-text"}});
  ASSERT_TRUE(client.Until([&] { return client.answer(id).body.size() > kRead; }));
  const int32_t other = client.Send("/grpc.testing.TestService/UnaryCall", GrpcFrame(""));
  ASSERT_EQ(client.Await(other).Field("grpc-status"), "0");
  EXPECT_LT(service().sent_bytes, static_cast<int64_t>(kRead * 3 / 4) + 4 * kWindow + 3 * kMessageBytes);
}

// 100 MB a stream from a backend in another process, which is not measured: two windows a stream are ours.
class SlowReadersTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayConfig config = ConfigFor(replica_.port());
    Adjust(config);
    StartGateway(std::move(config));
    AwaitReady();
  }

  // Clients that ask for so many streams between them, and read none.
  std::vector<std::unique_ptr<Http2Client>> Begin(int clients, int streams) const {
    grpc::testing::StreamingOutputCallRequest request;
    for (int i = 0; i < 400; ++i) request.add_response_parameters()->set_size(kMessageBytes);
    const std::string frame = GrpcFrame(request.SerializeAsString());
    std::vector<std::unique_ptr<Http2Client>> all;
    for (int i = 0; i < clients; ++i) {
      all.push_back(std::make_unique<Http2Client>(port(), /*reads=*/0));
      for (int j = 0; j < streams / clients; ++j) {
        all.back()->Send("/grpc.testing.TestService/StreamingOutputCall", frame);
      }
    }
    return all;
  }

  std::string StatusOfACall() const {
    Http2Client client(port());
    last_ = client.Await(client.Send("/grpc.testing.TestService/EmptyCall", GrpcFrame("")));
    return last_.Field("grpc-status");
  }

  Replica replica_;
  mutable Http2Answer last_;
};

TEST_F(SlowReadersTest, CostTwoWindowsAStream) {
  constexpr int kReaders = 200;
  const int64_t before = ResidentBytes();
  const auto clients = Begin(4, kReaders);
  for (const auto& client : clients) {
    // A window of each stream has come; what else can wait, waits now.
    EXPECT_TRUE(client->Until([&] {
      return client->answer(2 * kReaders / 4 - 1).body.size() + 1 >= static_cast<size_t>(kWindow);
    }));
  }
  arasta::testing::EventuallyStill([] { return ResidentBytes() >> 20; });
  const int64_t grown = ResidentBytes() - before;
  RecordProperty("grown_kib", static_cast<int>(grown >> 10));
  EXPECT_LT(grown, kReaders * 2 * kWindow + (64 << 20));
  EXPECT_EQ(StatusOfACall(), "0");
}

class BufferBudgetTest : public SlowReadersTest {
 protected:
  void Adjust(GatewayConfig& config) override { config.limits.max_buffered_bytes = 1 << 20; }
};

TEST_F(BufferBudgetTest, TurnsNewCallsAwayWhileItIsSpent) {
  auto clients = Begin(1, 40);
  EXPECT_TRUE(clients[0]->Until([&] { return clients[0]->answer(79).body.size() >= 1000; }));
  EXPECT_TRUE(arasta::testing::Eventually([&] { return StatusOfACall() == "8"; }));
  std::string details;
  EXPECT_TRUE(absl::Base64Unescape(last_.Field("grpc-status-details-bin"), &details));
  EXPECT_THAT(details, ::testing::HasSubstr("BUFFERS_FULL"));
  clients.clear();
  EXPECT_TRUE(arasta::testing::Eventually([&] { return StatusOfACall() == "0"; }));
}

// Of Connect's unary calls, REST and webhooks.
TEST_F(BufferBudgetTest, IsSpentOnWhatHasToBeHeldWhole) {
  Http2Client client(port());
  const int32_t held = client.Send("/grpc.testing.TestService/UnaryCall", std::string(2 << 20, 'x'),
                                   {{"content-type", "application/proto"}}, /*end=*/false);
  EXPECT_TRUE(client.Until([&] { return StatusOfACall() == "8"; }));
  client.Reset(held);
  EXPECT_TRUE(client.Until([&] { return StatusOfACall() == "0"; }));
}

}  // namespace
}  // namespace arasta::gateway
