// Which answers of a replica make that another one is asked.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/scripted_backend.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Eventually;

const char kIdempotent[] = "/grpc.testing.TestService/CacheableUnaryCall";
const char kOther[] = "/grpc.testing.TestService/EmptyCall";
const ScriptedAnswer::Fields kGrpc = {{":status", "200"}, {"content-type", "application/grpc"}};

class RetriesTest : public GatewayTest {
 protected:
  void SetUp() override { backend_ = std::make_unique<TestBackend>(); }

  // In front of backend_ and of another at this port.
  void StartBeside(int other_port) {
    GatewayConfig config = ConfigFor(backend_->port());
    config.descriptors = {WriteDescriptors(dir_.path())};
    config.backends[0].addresses.push_back(absl::StrCat("127.0.0.1:", other_port));
    config.routes[0].retry_on = {absl::StatusCode::kAborted, absl::StatusCode::kInternal,
                                 absl::StatusCode::kResourceExhausted};
    StartGateway(std::move(config));
    AwaitReady();
  }
  std::string Call(const char* path) {
    Http2Client client(port());
    return client.Await(client.Send(path, GrpcFrame(""))).Field("grpc-status");
  }
  // Whether calls end so, sooner or later.
  bool SomeEnds(const char* path, const std::string& status) {
    return Eventually([&] { return Call(path) == status; });
  }

  arasta::testing::TempDir dir_{"arasta_retries_"};
};

struct Row {
  const char* name;
  ScriptedAnswer answer;
  std::string status;
  bool retried;
};

std::vector<Row> Rows() {
  const ScriptedAnswer::Fields aborted = {{"grpc-status", "10"}};
  ScriptedAnswer::Fields at_once = kGrpc;
  at_once.push_back(aborted[0]);
  return {
      {"TrailersAlone", {.head = at_once}, "10", true},
      {"TrailersWithoutAMessage", {.head = kGrpc, .trailers = aborted}, "10", true},
      {"TrailersAfterAMessage", {.head = kGrpc, .body = GrpcFrame(""), .trailers = aborted}, "10", false},
      {"AnotherCode", {.head = kGrpc, .trailers = {{"grpc-status", "9"}}}, "9", false},
      {"AReset", {.reset = NGHTTP2_INTERNAL_ERROR}, "13", true},
      {"HttpThatMeansAnotherCode", {.head = {{":status", "404"}}}, "12", false},
  };
}

class RetriedAnswerTest : public RetriesTest, public ::testing::WithParamInterface<Row> {};

TEST_P(RetriedAnswerTest, IsAnsweredByAnotherWhereThatIsSafe) {
  const ScriptedBackend failing([](const ScriptedHead&) { return GetParam().answer; });
  StartBeside(failing.port());
  EXPECT_TRUE(SomeEnds(kOther, GetParam().status)) << "it may have been carried out";
  if (!GetParam().retried) {
    EXPECT_TRUE(SomeEnds(kIdempotent, GetParam().status));
    return;
  }
  const int before = failing.calls();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Call(kIdempotent), "0");
    return failing.calls() > before;
  }));
}

INSTANTIATE_TEST_SUITE_P(Retries, RetriedAnswerTest, ::testing::ValuesIn(Rows()),
                         [](const auto& row) { return std::string(row.param.name); });

// What was turned away was not done; what was done before may have been.
TEST_F(RetriesTest, LeaveInDoubtWhatWasTurnedAwayAgainAndAgain) {
  TestBackend other;
  StartBeside(other.port());
  ASSERT_TRUE(
      Eventually([&] { return Call(kOther) == "0" && service().calls > 0 && other.service().calls > 0; }));
  for (TestBackend* backend : {backend_.get(), &other}) {
    backend->service().unavailable = 1;
    backend->service().busy = 1000;
  }
  EXPECT_EQ(Call(kIdempotent), "14");
  EXPECT_EQ(service().unavailable + other.service().unavailable, 0);
  EXPECT_EQ(Call(kIdempotent), "8");
}

}  // namespace
}  // namespace arasta::gateway
