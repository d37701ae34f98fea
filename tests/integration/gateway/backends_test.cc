// Backends that come, go, restart and prove who they are.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/gateway/backend.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/request_head.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/support/certificates.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

using arasta::testing::CertificateAuthority;
using arasta::testing::Eventually;
using ::testing::HasSubstr;

const char kUnary[] = "/grpc.testing.TestService/UnaryCall";

std::string StatusThrough(int port) {
  Http2Client client(port);
  return client.Await(client.Send(kUnary, GrpcFrame(""))).Field("grpc-status");
}

class BackendsTest : public GatewayTest {};

TEST_F(BackendsTest, SaysUnavailableAtOnceWhileAwayAndServesAgainAfterwards) {
  const int backend_port = backend_->port();
  ASSERT_EQ(StatusThrough(port()), "0");
  backend_.reset();
  EXPECT_TRUE(Eventually([&] { return !gateway_->Ready().ok(); }));
  const absl::Time before = absl::Now();
  EXPECT_EQ(StatusThrough(port()), "14");
  EXPECT_LT(absl::Now() - before, absl::Seconds(1));
  backend_ = std::make_unique<TestBackend>(backend_port);
  AwaitReady();
  EXPECT_EQ(StatusThrough(port()), "0");
}

// Kubernetes sends nobody to a gateway that is not ready: one backend that is away must not take the others
// along.
class TwoBackendsTest : public GatewayTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    other_ = std::make_unique<TestBackend>();
    config.backends.push_back({"other", {absl::StrCat("127.0.0.1:", other_->port())}, false, "other"});
    config.start_patience = absl::Seconds(2);
    config_ = config;
  }

  std::unique_ptr<TestBackend> other_;
  GatewayConfig config_;
};

TEST_F(TwoBackendsTest, StaysReadyWhileOneIsAway) {
  const int backend_port = backend_->port();
  other_.reset();
  backend_.reset();
  ASSERT_TRUE(Eventually([&] { return !gateway_->Ready().ok(); }));
  EXPECT_THAT(std::string(gateway_->Ready().message()), HasSubstr("test, other"));
  backend_ = std::make_unique<TestBackend>(backend_port);
  AwaitReady();
  EXPECT_EQ(StatusThrough(port()), "0");
}

TEST_F(TwoBackendsTest, WaitsForAllAtItsStartButNotForEver) {
  other_.reset();
  const absl::Time before = absl::Now();
  StartGateway(config_);
  AwaitReady();
  EXPECT_GE(absl::Now() - before, config_.start_patience);
}

TEST_F(BackendsTest, EndsTheCallsOfABackendThatDies) {
  Http2Client client(port());
  const int32_t id = client.Send("/grpc.health.v1.Health/Watch", GrpcFrame(""));
  ASSERT_TRUE(client.Until([&] { return !client.answer(id).body.empty(); }));
  std::thread killer([this] { backend_.reset(); });
  EXPECT_NE(client.Await(id).Field("grpc-status"), "");
  killer.join();
}

TEST_F(BackendsTest, SpreadsCallsOverSeveralAddresses) {
  TestBackend second;
  GatewayConfig config = ConfigFor(backend_->port());
  config.backends[0].addresses.push_back(absl::StrCat("127.0.0.1:", second.port()));
  StartGateway(std::move(config));
  AwaitReady();
  Http2Client client(port());
  std::vector<int32_t> streams;
  for (int i = 0; i < 100; ++i) streams.push_back(client.Send("/grpc.health.v1.Health/Watch", GrpcFrame("")));
  EXPECT_TRUE(client.Until([&] { return backend_->health().watches + second.health().watches == 100; }));
  EXPECT_EQ(backend_->health().watches, 50);
}

// A call to a backend without a client.
class LoneCall final : public BackCall {
 public:
  LoneCall() {
    request_.Append(GrpcFrame(""));
    request_complete_ = true;
  }
  absl::optional<absl::StatusCode> code;

 private:
  void OnTaken(size_t) override {}
  void OnHead(HeaderBlock&) override {}
  void OnData(absl::string_view bytes) override { CreditResponse(bytes.size()); }
  void OnTrailers(HeaderBlock& trailers) override { code = StatusCodeOf(trailers); }
  void OnBroken(const absl::Status& status, Again) override { code = status.code(); }
};

// A Backend without a gateway around it.
class BackendTest : public ::testing::Test {
 protected:
  BackendTest() { loop_.StartTimer(patience_, absl::ToInt64Nanoseconds(absl::Seconds(8))); }

  static SocketAddress At(int port) { return SocketAddress::Parse(absl::StrCat("127.0.0.1:", port)).value(); }
  BackendOptions Options() const {
    BackendOptions options;
    options.name = "test";
    options.addresses = {At(server_.port())};
    return options;
  }
  bool Until(const std::function<bool()>& done) {
    while (!done() && !late_) loop_.RunTurn();
    return done();
  }
  absl::optional<absl::StatusCode> Call(Backend& backend) {
    LoneCall call;
    backend.Start(call, OwnCallHead("/grpc.testing.TestService/EmptyCall", "test"));
    Until([&] { return call.code.has_value(); });
    return call.code;
  }

  const SocketAddress kNowhere = At(1);
  TestBackend server_;
  Loop loop_;

 private:
  bool late_ = false;
  Timer patience_{[this] { late_ = true; }};
};

TEST_F(BackendTest, ReplacesAConnectionThatHasNoStreamsLeft) {
  BackendOptions options = Options();
  options.first_stream_id = std::numeric_limits<int32_t>::max() - 4;
  Backend backend(loop_, options);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(Call(backend), absl::StatusCode::kOk) << "call " << i;
}

TEST_F(BackendTest, ServesAtFormerAddressesWhileOthersAreNotReached) {
  Backend backend(loop_, Options());
  ASSERT_EQ(Call(backend), absl::StatusCode::kOk);
  backend.SetAddresses({kNowhere});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Call(backend), absl::StatusCode::kOk);
  EXPECT_EQ(server_.service().connections(), 1u);
}

TEST_F(BackendTest, LeavesFormerAddressesWhenOthersWereNotReachedForTooLong) {
  BackendOptions options = Options();
  options.former_ns = absl::ToInt64Nanoseconds(absl::Milliseconds(5));
  Backend backend(loop_, options);
  LoneCall watch;
  backend.Start(watch, OwnCallHead("/grpc.health.v1.Health/Watch", "test"));
  ASSERT_TRUE(Until([&] { return backend.ready(); }));
  backend.SetAddresses({kNowhere});
  EXPECT_TRUE(backend.ready());
  EXPECT_TRUE(Until([&] { return !backend.ready(); }));
  EXPECT_EQ(Call(backend), absl::StatusCode::kUnavailable) << "so that it shows";
  EXPECT_TRUE(watch.active()) << "calls that are there run to their end";
}

class MutualTlsTest : public GatewayTest {
 protected:
  void SetUp() override {
    authority_.Issue("gateway", "gateway");
    authority_.Issue("catalog", "catalog");
    backend_ = std::make_unique<TestBackend>(0, ServerCredentials("catalog"));
  }

  static std::string Read(const std::string& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  std::shared_ptr<grpc::ServerCredentials> ServerCredentials(const std::string& name) const {
    grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = Read(authority_.CaPath());
    options.pem_key_cert_pairs = {{Read(authority_.KeyPath(name)), Read(authority_.CertificatePath(name))}};
    return grpc::SslServerCredentials(options);
  }

  void StartTlsGateway(const std::string& identity, const CertificateAuthority& trusted) {
    GatewayConfig config = ConfigFor(backend_->port());
    config.tls = {authority_.CertificatePath("gateway"), authority_.KeyPath("gateway"), trusted.CaPath()};
    config.backends[0].tls = true;
    config.backends[0].identity = identity;
    StartGateway(std::move(config));
  }

  CertificateAuthority authority_;
};

TEST_F(MutualTlsTest, ServesThroughABackendThatIsWhoItShouldBe) {
  StartTlsGateway("catalog", authority_);
  AwaitReady();
  EXPECT_EQ(StatusThrough(port()), "0");
  grpc::testing::SimpleRequest request;
  grpc::testing::SimpleResponse response;
  grpc::ClientContext context;
  request.mutable_payload()->set_body(std::string(1 << 20, 'x'));
  request.set_response_size(1 << 20);
  EXPECT_TRUE(NewStub()->UnaryCall(&context, request, &response).ok());
}

TEST_F(MutualTlsTest, ShowsACertificateThatIsRenewed) {
  CertificateAuthority stranger;
  stranger.Issue("gateway", "gateway");
  const auto over = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(stranger.CertificatePath("gateway"), authority_.CertificatePath("gateway"),
                             over);
  std::filesystem::copy_file(stranger.KeyPath("gateway"), authority_.KeyPath("gateway"), over);
  StartTlsGateway("catalog", authority_);
  EXPECT_TRUE(Eventually([&] { return StatusThrough(port()) == "14"; }));
  authority_.Issue("gateway", "gateway");
  gateway_->RefreshCertificates();
  AwaitReady();
  EXPECT_EQ(StatusThrough(port()), "0");
}

TEST_F(MutualTlsTest, RefusesABackendOfAnotherName) {
  StartTlsGateway("order", authority_);
  EXPECT_TRUE(Eventually([&] { return StatusThrough(port()) == "14"; }));
  EXPECT_FALSE(gateway_->Ready().ok());
  EXPECT_EQ(service().calls, 0);
}

TEST_F(MutualTlsTest, RefusesABackendOfAnotherAuthority) {
  const CertificateAuthority stranger;
  StartTlsGateway("catalog", stranger);
  EXPECT_TRUE(Eventually([&] { return StatusThrough(port()) == "14"; }));
  EXPECT_EQ(service().calls, 0);
}

}  // namespace
}  // namespace arasta::gateway
