// A route with as many calls under way as it may have, beside one that has room.
#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Eventually;

const char kHealthWatch[] = "/grpc.health.v1.Health/Watch";
const char kEmptyCall[] = "/grpc.testing.TestService/EmptyCall";
constexpr int kMostWatches = 3;

class RouteLimitsTest : public GatewayTest {
 protected:
  void Adjust(GatewayConfig& config) override { config.routes[1].max_calls = kMostWatches; }

  // So many watches, over one connection, that all have reached the backend.
  std::vector<int32_t> Watch(Http2Client& client, int count) {
    const int before = backend_->health().watches;
    std::vector<int32_t> watches;
    for (int i = 0; i < count; ++i) watches.push_back(client.Send(kHealthWatch, GrpcFrame("")));
    EXPECT_TRUE(client.Until([&] { return backend_->health().watches == before + count; }));
    return watches;
  }
};

TEST_F(RouteLimitsTest, ACallTooManyIsUnavailableAtOnce) {
  Http2Client client(port());
  Watch(client, kMostWatches);
  const absl::Time before = absl::Now();
  const Http2Answer& refused = client.Await(client.Send(kHealthWatch, GrpcFrame("")));
  EXPECT_LT(absl::Now() - before, absl::Seconds(1));
  EXPECT_EQ(refused.Field("grpc-status"), "14");
  std::string details;
  ASSERT_TRUE(absl::Base64Unescape(refused.Field("grpc-status-details-bin"), &details));
  EXPECT_THAT(details, ::testing::HasSubstr("ROUTE_FULL"));
  EXPECT_EQ(backend_->health().watches, kMostWatches);
}

TEST_F(RouteLimitsTest, OtherRoutesHaveRoomOfTheirOwn) {
  Http2Client client(port());
  Watch(client, kMostWatches);
  for (int i = 0; i < 2 * kMostWatches; ++i)
    EXPECT_EQ(client.Await(client.Send(kEmptyCall, GrpcFrame(""))).Field("grpc-status"), "0");
}

TEST_F(RouteLimitsTest, ACallThatEndsMakesRoomHoweverItEnds) {
  Http2Client client(port());
  const std::vector<int32_t> watches = Watch(client, kMostWatches);
  client.Reset(watches[0]);
  EXPECT_TRUE(client.Until([&] { return backend_->health().watches == kMostWatches - 1; }));
  Watch(client, 1);
  for (int i = 0; i < 2 * kMostWatches; ++i) {
    Http2Client other(port());
    EXPECT_EQ(other.Await(other.Send(kHealthWatch, GrpcFrame(""))).Field("grpc-status"), "14");
  }
  const int backend_port = backend_->port();
  backend_.reset();
  EXPECT_NE(client.Await(watches[1]).Field("grpc-status"), "");
  EXPECT_TRUE(Eventually([&] { return !gateway_->Ready().ok(); }));
  backend_ = std::make_unique<TestBackend>(backend_port);
  AwaitReady();
  Watch(client, kMostWatches);
}

}  // namespace
}  // namespace arasta::gateway
