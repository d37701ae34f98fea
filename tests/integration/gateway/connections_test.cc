// As many connections to a backend as its calls need.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/metrics/metrics.h"
#include "services/gateway/health_watch.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"

namespace arasta::gateway {
namespace {

const char kHealthWatch[] = "/grpc.health.v1.Health/Watch";
constexpr int kStreams = 10;
constexpr int kCalls = kStreams - 1;  // the gateway's own watch is one
constexpr int kMostConnections = 3;

double ReadyConnections() {
  return metrics::NewGauge("arasta_gateway_backend_connections", "", {{"backend", "test"}}).Value();
}

class ConnectionsTest : public GatewayTest {
 protected:
  void SetUp() override {
    backend_ = std::make_unique<TestBackend>(0, nullptr, kStreams);
    GatewayConfig config = ConfigFor(backend_->port());
    config.max_connections_per_address = kMostConnections;
    StartGateway(std::move(config));
    AwaitReady();
  }
};

TEST_F(ConnectionsTest, AreAsManyAsTheBackendsStreamLimitAsksForUpToABound) {
  Http2Client client(port());
  for (int i = 0; i < kMostConnections * kCalls; ++i) client.Send(kHealthWatch, GrpcFrame(""));
  EXPECT_TRUE(client.Until([&] { return backend_->health().watches == kMostConnections * kCalls; }));
  EXPECT_EQ(ReadyConnections(), kMostConnections);
}

TEST_F(ConnectionsTest, MakeRoomForThoseThatWaitBeyondTheBound) {
  Http2Client client(port());
  std::vector<int32_t> watches;
  for (int i = 0; i < kMostConnections * kCalls + 1; ++i)
    watches.push_back(client.Send(kHealthWatch, GrpcFrame("")));
  EXPECT_TRUE(client.Until([&] { return backend_->health().watches == kMostConnections * kCalls; }));
  for (int i = 0; i < 3; ++i) client.Reset(watches[i]);
  EXPECT_TRUE(client.Until([&] { return backend_->health().watches == kMostConnections * kCalls - 2; }));
  EXPECT_EQ(ReadyConnections(), kMostConnections);
}

TEST_F(ConnectionsTest, AreNotMoreForCallsThatHaveRoom) {
  Http2Client client(port());
  for (int i = 0; i < kStreams / 2; ++i) client.Send(kHealthWatch, GrpcFrame(""));
  EXPECT_TRUE(client.Until([&] { return backend_->health().watches == kStreams / 2; }));
  EXPECT_EQ(ReadyConnections(), 1);
}

TEST(ConnectionsOfABackendTest, EndWhenTheyAreNotMissed) {
  TestBackend server(0, nullptr, kStreams);
  Loop loop;
  BackendOptions options;
  options.name = "test";
  options.addresses = {SocketAddress::Parse(absl::StrCat("127.0.0.1:", server.port())).value()};
  options.spare_ns = absl::ToInt64Nanoseconds(absl::Milliseconds(20));
  Backend backend(loop, options);
  bool late = false;
  Timer patience([&] { late = true; });
  loop.StartTimer(patience, absl::ToInt64Nanoseconds(absl::Seconds(10)));
  const auto until = [&](const std::function<bool()>& done) {
    while (!done() && !late) loop.RunTurn();
    return done();
  };
  // Calls that end when they are destroyed.
  std::vector<std::unique_ptr<HealthWatch>> calls;
  for (int i = 0; i < 3 * kCalls; ++i) {
    calls.push_back(std::make_unique<HealthWatch>([] {}, [] {}));
    backend.Start(*calls.back(), HealthWatch::Head("test"));
  }
  EXPECT_TRUE(until([] { return ReadyConnections() == 3; }));
  calls.resize(2);
  EXPECT_TRUE(until([] { return ReadyConnections() == 1; }));
  EXPECT_TRUE(calls[0]->active());
  EXPECT_TRUE(calls[1]->active());
}

}  // namespace
}  // namespace arasta::gateway
