// Another configuration while calls run: what runs ends under the old one, what begins is served under the
// new.
#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/http_client.h"
#include "tests/integration/gateway/tls_client.h"
#include "tests/support/certificates.h"
#include "tests/support/eventually.h"
#include "tests/support/loopback.h"

namespace arasta::gateway {
namespace {

using ::testing::HasSubstr;

const char kUnaryCall[] = "/grpc.testing.TestService/UnaryCall";
const char kHealthWatch[] = "/grpc.health.v1.Health/Watch";
const char kUnimplemented[] = "12";

class ReloadTest : public GatewayTest {
 protected:
  GatewayConfig Present() const { return ConfigFor(backend_->port()); }
  static GatewayConfig Without(GatewayConfig config, const std::string& prefix) {
    std::erase_if(config.routes, [&](const Route& route) { return route.prefix == prefix; });
    return config;
  }
  // The digest of the certificate that clients are shown.
  std::string CertificateShown() const {
    TlsClient client(port(), {.alpn = "\x02h2"});
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(client.tls()),
                                                            &X509_free);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EXPECT_TRUE(shown != nullptr && X509_digest(shown.get(), EVP_sha256(), digest, &length) == 1);
    return std::string(reinterpret_cast<char*>(digest), length);
  }
  // A call over a connection of its own.
  std::string StatusOf(const std::string& path) {
    Http2Client client(port());
    return client.Await(client.Send(path, GrpcFrame(""))).Field("grpc-status");
  }
};

TEST_F(ReloadTest, ARouteAppearsAndAnotherGoes) {
  ASSERT_TRUE(gateway_->Reload(Without(Present(), "/grpc.testing.TestService/")).ok());
  EXPECT_EQ(StatusOf(kUnaryCall), kUnimplemented);
  ASSERT_TRUE(gateway_->Reload(Present()).ok());
  EXPECT_EQ(StatusOf(kUnaryCall), "0");
}

TEST_F(ReloadTest, ConnectionsThatAreOpenGoOverToo) {
  Http2Client client(port());
  EXPECT_EQ(client.Await(client.Send(kUnaryCall, GrpcFrame(""))).Field("grpc-status"), "0");
  ASSERT_TRUE(gateway_->Reload(Without(Present(), "/grpc.testing.TestService/")).ok());
  EXPECT_EQ(StatusOf(kUnaryCall), kUnimplemented);
  EXPECT_EQ(client.Await(client.Send(kUnaryCall, GrpcFrame(""))).Field("grpc-status"), kUnimplemented);
}

// The watch's route and even its backend are gone; it goes on until its client ends it.
TEST_F(ReloadTest, CallsThatRunEndUnderTheFormerConfiguration) {
  Http2Client client(port());
  const int32_t watch = client.Send(kHealthWatch, GrpcFrame(""));
  ASSERT_TRUE(client.Until([&] { return backend_->health().watches == 1; }));
  TestBackend other;
  GatewayConfig next = Without(ConfigFor(other.port()), "/grpc.health.v1.Health/");
  next.backends[0].name = next.routes[0].backend = "other";
  ASSERT_TRUE(gateway_->Reload(next).ok());
  ASSERT_EQ(StatusOf(kHealthWatch), kUnimplemented);
  const size_t seen = client.answer(watch).body.size();
  backend_->health().SetServing(false);
  EXPECT_TRUE(client.Until([&] { return client.answer(watch).body.size() > seen; }));
  EXPECT_EQ(backend_->health().watches, 1);
  client.Reset(watch);
  client.Flush();
  EXPECT_TRUE(arasta::testing::Eventually([&] { return backend_->health().watches == 0; }));
}

// Who connects there is not refused, and hears nothing.
TEST_F(ReloadTest, TheFormerAddressServesUntilTheNewOneDoes) {
  const arasta::testing::LoopbackListener silent = arasta::testing::ListenOnLoopback();
  ASSERT_TRUE(gateway_->Reload(ConfigFor(silent.port)).ok());
  EXPECT_EQ(StatusOf(kUnaryCall), "0");
  EXPECT_EQ(service().calls, 1);
  EXPECT_TRUE(gateway_->Ready().ok());
  close(silent.fd);
  TestBackend next(silent.port);
  EXPECT_TRUE(arasta::testing::Eventually([&] {
    EXPECT_EQ(StatusOf(kUnaryCall), "0");
    return next.service().calls > 0;
  }));
  const int before = service().calls;
  EXPECT_EQ(StatusOf(kUnaryCall), "0");
  EXPECT_EQ(service().calls, before);
}

TEST_F(ReloadTest, AnAddressThatIsWantedAgainIsNotLeft) {
  const arasta::testing::LoopbackListener silent = arasta::testing::ListenOnLoopback();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(gateway_->Reload(ConfigFor(silent.port)).ok());
    ASSERT_TRUE(gateway_->Reload(Present()).ok());
    EXPECT_EQ(StatusOf(kUnaryCall), "0");
  }
  EXPECT_EQ(service().connections(), 1u);
  close(silent.fd);
}

TEST_F(ReloadTest, OneThatIsWrongIsRefusedAndTheFormerStays) {
  GatewayConfig missing_file = Present();
  missing_file.descriptors.push_back("/none.binpb");
  GatewayConfig bad_certificate = Present();
  bad_certificate.front_tls.certificate = "/none.crt";
  GatewayConfig no_backend = Present();
  no_backend.routes[0].backend = "nobody";
  const std::pair<GatewayConfig, const char*> cases[] = {
      {missing_file, "/none.binpb"}, {bad_certificate, "/none.crt"}, {no_backend, "nobody"}};
  for (const auto& [config, named] : cases) {
    const absl::Status status = gateway_->Reload(config);
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), HasSubstr(named));
    EXPECT_EQ(StatusOf(kUnaryCall), "0");
  }
}

TEST_F(ReloadTest, ManyUnderCallsThatNeverEndAreRefused) {
  std::vector<std::unique_ptr<Http2Client>> clients;
  absl::Status status;
  while (status.ok() && clients.size() < 100) {
    clients.push_back(std::make_unique<Http2Client>(port()));
    const auto watches = static_cast<int>(clients.size());
    clients.back()->Send(kHealthWatch, GrpcFrame(""));
    ASSERT_TRUE(clients.back()->Until([&] { return backend_->health().watches == watches; }));
    status = gateway_->Reload(Present());
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  clients.clear();
  EXPECT_TRUE(arasta::testing::Eventually([&] { return gateway_->Reload(Present()).ok(); }));
}

TEST_F(ReloadTest, CertificatesAreShownAnew) {
  arasta::testing::CertificateAuthority first, second;
  first.Issue("shop", "shop");
  second.Issue("shop", "shop");
  const auto reload = [&](const arasta::testing::CertificateAuthority& authority) {
    GatewayConfig config = Present();
    config.front_tls.certificate = authority.CertificatePath("shop");
    config.front_tls.key = authority.KeyPath("shop");
    return gateway_->Reload(config);
  };
  const auto trusted_by = [&](const arasta::testing::CertificateAuthority& authority) {
    return !Fetch({.url = absl::StrCat("https://", address(), kUnaryCall),
                   .fields = {"content-type: application/grpc-web+proto"},
                   .body = GrpcFrame(""),
                   .authority = authority.CaPath()})
                .broken;
  };
  ASSERT_TRUE(reload(first).ok());
  EXPECT_TRUE(trusted_by(first));
  ASSERT_TRUE(reload(second).ok());
  EXPECT_TRUE(trusted_by(second));
  EXPECT_FALSE(trusted_by(first));
}

TEST_F(ReloadTest, CertificatesWhoseFilesChangeAreShownWithoutAReload) {
  arasta::testing::CertificateAuthority authority;
  authority.Issue("shop", "shop");
  GatewayConfig config = Present();
  config.front_tls.certificate = authority.CertificatePath("shop");
  config.front_tls.key = authority.KeyPath("shop");
  ASSERT_TRUE(gateway_->Reload(config).ok());
  const std::string first = CertificateShown();
  gateway_->RefreshCertificates();
  EXPECT_EQ(CertificateShown(), first);
  std::ofstream(authority.KeyPath("shop")) << "no key";
  gateway_->RefreshCertificates();
  EXPECT_EQ(CertificateShown(), first);
  authority.Issue("shop", "shop");
  EXPECT_EQ(CertificateShown(), first);
  gateway_->RefreshCertificates();
  EXPECT_TRUE(arasta::testing::Eventually([&] { return CertificateShown() != first; }));
}

TEST_F(ReloadTest, LosesNoCallUnderLoad) {
  TestBackend second;
  std::atomic<bool> done = false;
  std::atomic<int> calls = 0, lost = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      const auto stub = NewStub();
      while (!done) {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
        grpc::testing::Empty response;
        if (!stub->EmptyCall(&context, {}, &response).ok()) ++lost;
        ++calls;
      }
    });
  }
  // The same backend at other addresses, and another one in its place.
  for (int i = 0; i < 30; ++i) {
    GatewayConfig config = ConfigFor(i % 2 == 0 ? backend_->port() : second.port());
    if (i % 3 == 0) {
      config.backends[0].name = "other";
      for (Route& route : config.routes) route.backend = "other";
    }
    absl::Status status;
    ASSERT_TRUE(arasta::testing::Eventually([&] { return (status = gateway_->Reload(config)).ok(); }))
        << status;
    const int before = calls;
    ASSERT_TRUE(arasta::testing::Eventually([&] { return calls > before + 20; }));
  }
  done = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(lost, 0) << "of " << calls;
  EXPECT_GT(service().calls, 0);
  EXPECT_GT(second.service().calls, 0);
}

}  // namespace
}  // namespace arasta::gateway
