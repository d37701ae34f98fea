// Replicas that are left alone for a while, and when even they are needed.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/metrics/metrics.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/load.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Eventually;

const char kEmptyCall[] = "/grpc.testing.TestService/EmptyCall";
const char kCacheable[] = "/grpc.testing.TestService/CacheableUnaryCall";

double Ejections(const std::string& reason) {
  return metrics::NewCounter("arasta_gateway_ejections_total", "", {{"backend", "test"}, {"reason", reason}})
      .Value();
}

// Three replicas.
class EjectionTest : public GatewayTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    for (const TestBackend* other : {&second_, &third_})
      config.backends[0].addresses.push_back(absl::StrCat("127.0.0.1:", other->port()));
  }
  void SetUp() override {
    GatewayTest::SetUp();
    ASSERT_TRUE(Eventually([&] {
      return Failures(1) == 0 && service().calls > 0 && second_.service().calls > 0 &&
             third_.service().calls > 0;
    }));
  }

  // How many of so many calls, one after the other, do not end well.
  int Failures(int calls) {
    Http2Client client(port());
    int failures = 0;
    for (int i = 0; i < calls; ++i)
      failures += client.Await(client.Send(kEmptyCall, GrpcFrame(""))).Field("grpc-status") == "0" ? 0 : 1;
    return failures;
  }
  // Many calls at once, of which each has a second.
  void CallTogether() {
    Http2Client client(port());
    std::vector<int32_t> calls;
    for (int i = 0; i < 100; ++i)
      calls.push_back(client.Send(kCacheable, GrpcFrame(""), {{"grpc-timeout", "1S"}}));
    for (const int32_t call : calls) client.Await(call);
  }

  TestBackend second_, third_;
};

TEST_F(EjectionTest, SparesOneThatAnswersNobody) {
  const double before = Ejections("slow");
  second_.service().hangs = true;
  EXPECT_TRUE(Eventually([&] { return CallTogether(), Ejections("slow") > before; }, absl::Seconds(20)));
}

TEST_F(EjectionTest, SparesOneWhoseCallsFailAsLongAsMostAreWell) {
  second_.service().unavailable = 1'000'000;
  EXPECT_TRUE(Eventually([&] { return Failures(100) <= 15; }));
  third_.health().SetServing(false);
  EXPECT_TRUE(Eventually([&] { return Failures(100) >= 28; })) << "a third is its share";
  third_.health().SetServing(true);
  EXPECT_TRUE(Eventually([&] { return Failures(100) <= 15; }));
}

// It is no failure that a connection ends when it is old.
TEST_F(EjectionTest, SparesNobodyForTheAgeOfConnections) {
  constexpr int kAgeMs = 20;
  TestBackend aging(0, nullptr, /*max_streams=*/0, kAgeMs), also(0, nullptr, /*max_streams=*/0, kAgeMs);
  GatewayConfig config = ConfigFor(aging.port());
  config.backends[0].addresses.push_back(absl::StrCat("127.0.0.1:", also.port()));
  StartGateway(std::move(config));
  AwaitReady();
  const double before = Ejections("failing");
  Load load([this] { return NewStub(); }, &Empty);
  EXPECT_TRUE(Eventually([&] { return aging.service().connections() >= 50; }, absl::Seconds(30)));
  EXPECT_THAT(load.Stop(), ::testing::IsEmpty());
  EXPECT_EQ(Ejections("failing"), before);
}

}  // namespace
}  // namespace arasta::gateway
