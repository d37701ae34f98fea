// TLS towards clients that are not ours: libcurl, gRPC, OpenSSL.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/http_client.h"
#include "tests/integration/gateway/tls_client.h"
#include "tests/support/certificates.h"

namespace arasta::gateway {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::StartsWith;

const char kUnaryCall[] = "/grpc.testing.TestService/UnaryCall";
const char kH2[] = "\x02h2";

std::string Content(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class FrontTlsTest : public GatewayTest {
 protected:
  void SetUp() override {
    authority_.Issue("shop", "shop");
    authority_.Issue("till", "till");
    strangers_.Issue("till", "till");
    GatewayTest::SetUp();
  }

  void Adjust(GatewayConfig& config) override {
    config.front_tls.certificate = authority_.CertificatePath("shop");
    config.front_tls.key = authority_.KeyPath("shop");
  }

  // A gRPC-Web call.
  HttpRequest Request() const {
    return {.url = absl::StrCat("https://", address(), kUnaryCall),
            .fields = {"content-type: application/grpc-web+proto", "expect:"},
            .body = GrpcFrame(""),
            .authority = authority_.CaPath()};
  }
  HttpRequest RequestWith(const arasta::testing::CertificateAuthority& issuer) const {
    HttpRequest request = Request();
    request.certificate = issuer.CertificatePath("till");
    request.key = issuer.KeyPath("till");
    return request;
  }

  std::unique_ptr<grpc::testing::TestService::Stub> NewTlsStub() const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = Content(authority_.CaPath());
    return grpc::testing::TestService::NewStub(grpc::CreateChannel(address(), grpc::SslCredentials(options)));
  }

  arasta::testing::CertificateAuthority authority_;
  arasta::testing::CertificateAuthority strangers_;
};

TEST_F(FrontTlsTest, SpeaksWhatAlpnSettlesAndElseWhatItHears) {
  for (const bool http2 : {false, true}) {
    for (const bool alpn : {false, true}) {
      HttpRequest request = Request();
      request.http2 = http2;
      request.alpn = alpn;
      const HttpResponse response = Fetch(request);
      ASSERT_FALSE(response.broken) << http2 << alpn;
      EXPECT_EQ(response.http_version, http2 ? CURL_HTTP_VERSION_2 : CURL_HTTP_VERSION_1_1) << alpn;
      EXPECT_THAT(response.body, HasSubstr("grpc-status:0"));
    }
  }
}

TEST_F(FrontTlsTest, CarriesNativeGrpc) {
  const auto stub = NewTlsStub();
  grpc::testing::SimpleRequest request;
  request.set_response_size(300'000);
  request.mutable_payload()->set_body(std::string(300'000, 'x'));
  for (int i = 0; i < 3; ++i) {
    grpc::ClientContext context;
    grpc::testing::SimpleResponse response;
    const grpc::Status status = stub->UnaryCall(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.payload().body().size(), 300'000u);
  }
}

// What has been decrypted and not been read would not wake anybody: the upload would stand still.
TEST_F(FrontTlsTest, TakesLargeUploadsInRecordsOfAnySize) {
  grpc::testing::SimpleRequest request;
  request.mutable_payload()->set_body(std::string(2 << 20, 'x'));
  const std::string upload = Post(kUnaryCall, GrpcFrame(request.SerializeAsString()));
  for (const size_t record : {1000, 10'000, 16'384}) {
    TlsClient client(port(), {});
    ASSERT_TRUE(client.connected());
    ASSERT_TRUE(client.Send(upload, record));
    EXPECT_THAT(client.ReadUntil(kLastChunk), HasSubstr("grpc-status:0")) << record;
  }
}

TEST_F(FrontTlsTest, RefusesOldVersionsAndUnknownProtocols) {
  EXPECT_FALSE(TlsClient(port(), {.max_version = TLS1_1_VERSION}).connected());
  EXPECT_TRUE(TlsClient(port(), {.max_version = TLS1_2_VERSION}).connected());
  EXPECT_FALSE(TlsClient(port(), {.alpn = "\x02h3"}).connected());
  TlsClient both(port(), {.alpn = "\x02h3\x08http/1.1\x02h2"});
  EXPECT_TRUE(both.connected());
  EXPECT_EQ(AlpnOf(both.tls()), "h2");
}

TEST_F(FrontTlsTest, ResumesSessionsAndNeverRenegotiates) {
  TlsClient first(port(), {.max_version = TLS1_2_VERSION});
  ASSERT_TRUE(first.Send(Post(kUnaryCall, GrpcFrame(""))));
  EXPECT_THAT(first.ReadUntil(kLastChunk), HasSubstr("grpc-status:0"));
  SSL_SESSION* session = SSL_get1_session(first.tls());
  TlsClient second(port(), {.max_version = TLS1_2_VERSION, .resumed = session});
  EXPECT_TRUE(second.connected());
  EXPECT_TRUE(SSL_session_reused(second.tls()));
  SSL_SESSION_free(session);
  SSL_renegotiate(first.tls());
  EXPECT_NE(SSL_do_handshake(first.tls()), 1);
}

TEST_F(FrontTlsTest, AnswersCleartextShortly) {
  for (const char* request : {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "x"}) {
    RawClient client(port());
    client.Send(request);
    EXPECT_THAT(client.ReadToEnd(), AllOf(StartsWith("HTTP/1.1 400 Bad Request\r\n"),
                                          HasSubstr("connection: close"), HasSubstr("this port is for TLS")));
  }
}

class CleartextTooTest : public FrontTlsTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    FrontTlsTest::Adjust(config);
    config.cleartext_too = true;
  }
};

TEST_F(CleartextTooTest, ServesBothOnOnePort) {
  EXPECT_THAT(Fetch(Request()).body, HasSubstr("grpc-status:0"));
  HttpRequest request = Request();
  request.url = absl::StrCat("http://", address(), kUnaryCall);
  EXPECT_THAT(Fetch(request).body, HasSubstr("grpc-status:0"));
  request.http2 = true;
  EXPECT_THAT(Fetch(request).body, HasSubstr("grpc-status:0"));
}

class SlowHandshakeTest : public FrontTlsTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    FrontTlsTest::Adjust(config);
    config.limits.head_timeout_ns = 200'000'000;
  }
};

TEST_F(SlowHandshakeTest, CutsItOff) {
  for (const char* begun : {"", "\x16", "\x16\x03\x01\x02"}) {
    RawClient client(port());
    client.Send(begun);
    EXPECT_EQ(client.ReadToEnd(), "");
  }
  // As who shakes hands and then says nothing.
  TlsClient silent(port(), {});
  EXPECT_TRUE(silent.connected());
  EXPECT_EQ(silent.ReadUntil("never"), "");
}

class ClientCertificateTest : public FrontTlsTest, public ::testing::WithParamInterface<ClientCertificates> {
 protected:
  void Adjust(GatewayConfig& config) override {
    FrontTlsTest::Adjust(config);
    config.front_tls.client_authority = authority_.CaPath();
    config.front_tls.client_certificates = GetParam();
    config.tell_certificates = true;
  }
};

INSTANTIATE_TEST_SUITE_P(Asked, ClientCertificateTest,
                         ::testing::Values(ClientCertificates::kNone, ClientCertificates::kOptional,
                                           ClientCertificates::kRequired));

TEST_P(ClientCertificateTest, IsTakenAsConfigured) {
  const bool asked = GetParam() != ClientCertificates::kNone;
  for (const bool http2 : {false, true}) {
    HttpRequest good = RequestWith(authority_), none = Request(), foreign = RequestWith(strangers_);
    good.http2 = none.http2 = foreign.http2 = http2;
    EXPECT_FALSE(Fetch(good).broken);
    EXPECT_EQ(Fetch(none).broken, GetParam() == ClientCertificates::kRequired);
    EXPECT_EQ(Fetch(foreign).broken, asked);
  }
}

// Nobody but the gateway says it.
TEST_P(ClientCertificateTest, IsToldToTheBackend) {
  HttpRequest request = RequestWith(authority_);
  request.fields.push_back("x-forwarded-client-cert: Subject=\"CN=chief\"");
  ASSERT_FALSE(Fetch(request).broken);
  const auto told = service().last_metadata.equal_range("x-forwarded-client-cert");
  const std::vector<std::pair<std::string, std::string>> values(told.first, told.second);
  if (GetParam() == ClientCertificates::kNone) {
    EXPECT_TRUE(values.empty());
  } else {
    ASSERT_EQ(values.size(), 1u);
    EXPECT_EQ(values[0].second, "Subject=\"CN=till\";URI=spiffe://arasta/till");
  }
}

class SilentClientCertificateTest : public FrontTlsTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    FrontTlsTest::Adjust(config);
    config.front_tls.client_authority = authority_.CaPath();
    config.front_tls.client_certificates = ClientCertificates::kRequired;
  }
};

TEST_F(SilentClientCertificateTest, IsToldToNobodyUnlessConfigured) {
  ASSERT_FALSE(Fetch(RequestWith(authority_)).broken);
  EXPECT_THAT(service().last_metadata, Not(Contains(Key("x-forwarded-client-cert"))));
}

TEST(FrontTlsFilesTest, AreNamedWhenTheyAreWrong) {
  arasta::testing::CertificateAuthority authority;
  authority.Issue("shop", "shop");
  authority.Issue("other", "other");
  const auto error = [&](const std::string& certificate, const std::string& key) {
    FrontTls settings;
    settings.certificate = certificate;
    settings.key = key;
    return std::string(TlsContext::ForServer(settings).status().message());
  };
  EXPECT_EQ(error(authority.CertificatePath("shop"), authority.KeyPath("shop")), "");
  EXPECT_THAT(error("/none.crt", authority.KeyPath("shop")), StartsWith("/none.crt: "));
  EXPECT_THAT(error(authority.CertificatePath("shop"), "/none.key"), StartsWith("/none.key: "));
  EXPECT_THAT(error(authority.CertificatePath("shop"), authority.KeyPath("other")),
              StartsWith(authority.KeyPath("other")));
}

}  // namespace
}  // namespace arasta::gateway
