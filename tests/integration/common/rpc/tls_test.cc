// Mutual TLS: both sides check, the certificate says who calls, and new files are used while running.
#include "common/rpc/status.h"
#include "tests/integration/common/rpc/echo_fixture.h"
#include "tests/support/certificates.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;
using testing::CertificateAuthority;

class TlsTest : public EchoTest {
 protected:
  void SetUp() override {
    ca_.Issue("echo", "echo");
    ca_.Issue("order", "order");
    ca_.Issue("gateway", "gateway");
    ServerOptions options;
    options.tls = Files("echo");
    options.cleartext_peer = "order";  // Must mean nothing here.
    Start(std::move(options));
  }

  TlsFiles Files(const std::string& name) const { return Files(ca_, name); }
  static TlsFiles Files(const CertificateAuthority& ca, const std::string& name) {
    return {ca.CertificatePath(name), ca.KeyPath(name), ca.CaPath()};
  }

  absl::Status Internally(const TlsFiles& files, const std::string& peer = "echo") {
    Channel channel({.address = echo_->address(), .peer = peer, .self = "order", .tls = files});
    auto stub = channel.Stub<EchoService>();
    return Invoke(Caller(), stub, &EchoService::Stub::EchoInternally, Request("tea")).status();
  }

  CertificateAuthority ca_;
};

TEST_F(TlsTest, KnowsTheCallerByItsCertificate) {
  EXPECT_THAT(Internally(Files("order")), IsOk());
  EXPECT_THAT(Internally(Files("gateway")), HasReason("PEER_NOT_ALLOWED"));
}

TEST_F(TlsTest, RefusesCallersOfAnotherAuthority) {
  CertificateAuthority stranger;
  stranger.Issue("order", "order");
  TlsFiles files = Files(stranger, "order");
  files.ca = ca_.CaPath();
  EXPECT_THAT(Internally(files), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TlsTest, RefusesCallersInCleartext) {
  EXPECT_THAT(Internally({}), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TlsTest, RefusesServersOfAnotherAuthority) {
  CertificateAuthority stranger;
  TlsFiles files = Files("order");
  files.ca = stranger.CaPath();
  EXPECT_THAT(Internally(files), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TlsTest, RefusesTheWrongServerOfTheRightAuthority) {
  EXPECT_THAT(Internally(Files("order"), "catalog"), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TlsTest, DoesNotBelieveWhatTheCallerSaysOfItself) {
  Channel channel({.address = echo_->address(), .peer = "echo", .self = "gateway", .tls = Files("gateway")});
  auto stub = channel.Stub<EchoService>();
  grpc::ClientContext context;
  context.AddMetadata("x-arasta-peer", "order");
  EchoResponse response;
  EXPECT_THAT(FromGrpc(stub.grpc().EchoInternally(&context, Request("tea"), &response)),
              HasReason("PEER_NOT_ALLOWED"));
}

TEST_F(TlsTest, UsesCertificatesThatAreReplacedOnDisk) {
  // The server turns into another service: a channel that expects the new one can connect at last, and one
  // that was connected before loses no call.
  Channel before({.address = echo_->address(), .peer = "echo", .self = "order", .tls = Files("order")});
  auto stub = before.Stub<EchoService>();
  const auto call = [&] {
    return Invoke(Caller(), stub, &EchoService::Stub::EchoInternally, Request("tea")).status();
  };
  ASSERT_THAT(call(), IsOk());
  ca_.Issue("echo", "catalog");
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  while (!Internally(Files("order"), "catalog").ok()) {
    ASSERT_THAT(call(), IsOk());
    ASSERT_LT(absl::Now(), give_up) << "used within 30 s";
  }
  EXPECT_THAT(call(), IsOk());
}

TEST_F(TlsTest, ChecksEveryReplicaOfAList) {
  const std::string list = absl::StrCat(echo_->address(), ",127.0.0.1:1");
  const auto call = [&](const std::string& peer) {
    Channel channel({.address = list, .peer = peer, .self = "order", .tls = Files("order")});
    auto stub = channel.Stub<EchoService>();
    return Invoke(Caller(), stub, &EchoService::Stub::EchoInternally, Request("tea")).status();
  };
  EXPECT_THAT(call("echo"), IsOk());
  EXPECT_THAT(call("catalog"), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TlsTest, DoesNotStartWithoutItsCertificate) {
  ServerOptions options;
  options.tls = Files("nobody");
  Server server(std::move(options));
  EXPECT_THAT(server.Start(), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace arasta::rpc
