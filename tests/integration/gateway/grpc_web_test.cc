// gRPC-Web as browsers use it: binary and text, over HTTP/1.1 and HTTP/2, with CORS.
#include <gmock/gmock.h>

#include <tuple>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/base64_decoder.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/http_client.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

using ::testing::HasSubstr;

// One frame of an answer's body: the flag byte and what is in it.
using WebFrame = std::pair<unsigned char, std::string>;

std::vector<WebFrame> FramesOf(absl::string_view body) {
  std::vector<WebFrame> frames;
  while (body.size() >= 5) {
    const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(body[i])); };
    const size_t length = byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4);
    frames.emplace_back(static_cast<unsigned char>(body[0]), std::string(body.substr(5, length)));
    body.remove_prefix(std::min(body.size(), 5 + length));
  }
  EXPECT_TRUE(body.empty());
  return frames;
}

class GrpcWebTest : public GatewayTest, public ::testing::WithParamInterface<std::tuple<bool, bool>> {
 protected:
  bool http2() const { return std::get<0>(GetParam()); }
  bool text() const { return std::get<1>(GetParam()); }

  HttpRequest RequestFor(const std::string& method, const google::protobuf::Message& message) const {
    const std::string frame = GrpcFrame(message.SerializeAsString());
    return {.url = absl::StrCat("http://", address(), "/", method),
            .fields = {absl::StrCat("content-type: application/grpc-web", text() ? "-text" : "", "+proto"),
                       "origin: https://shop.example", "x-grpc-web: 1", "expect:"},
            .body = text() ? absl::Base64Escape(frame) : frame,
            .http2 = http2()};
  }

  std::string Decoded(const std::string& body) const {
    if (!text()) return body;
    std::string bytes;
    Base64Decoder decoder;
    EXPECT_TRUE(decoder.Decode(body, bytes));
    return bytes;
  }
};

INSTANTIATE_TEST_SUITE_P(Everywhere, GrpcWebTest, ::testing::Combine(::testing::Bool(), ::testing::Bool()),
                         [](const auto& info) {
                           return absl::StrCat(std::get<0>(info.param) ? "Http2" : "Http1",
                                               std::get<1>(info.param) ? "Text" : "Binary");
                         });

TEST_P(GrpcWebTest, CarriesAUnaryCall) {
  grpc::testing::SimpleRequest request;
  request.set_response_size(70'000);
  const HttpResponse response = Fetch(RequestFor("grpc.testing.TestService/UnaryCall", request));
  ASSERT_FALSE(response.broken);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Field("content-type"),
            absl::StrCat("application/grpc-web", text() ? "-text" : "", "+proto"));
  EXPECT_EQ(response.Field("access-control-allow-origin"), "https://shop.example");
  EXPECT_NE(response.Field("x-request-id"), "");
  const std::vector<WebFrame> frames = FramesOf(Decoded(response.body));
  ASSERT_EQ(frames.size(), 2u);
  grpc::testing::SimpleResponse message;
  EXPECT_TRUE(message.ParseFromString(frames[0].second));
  EXPECT_EQ(message.payload().body().size(), 70'000u);
  EXPECT_EQ(frames[1].first, 0x80);
  EXPECT_THAT(frames[1].second, HasSubstr("grpc-status:0\r\n"));
}

TEST_P(GrpcWebTest, CarriesAServerStream) {
  grpc::testing::StreamingOutputCallRequest request;
  for (int i = 0; i < 50; ++i) request.add_response_parameters()->set_size(i * 200);
  const HttpResponse response = Fetch(RequestFor("grpc.testing.TestService/StreamingOutputCall", request));
  const std::vector<WebFrame> frames = FramesOf(Decoded(response.body));
  ASSERT_EQ(frames.size(), 51u);
  for (size_t i = 0; i < 50; ++i) {
    grpc::testing::StreamingOutputCallResponse message;
    EXPECT_TRUE(message.ParseFromString(frames[i].second));
    EXPECT_EQ(message.payload().body().size(), i * 200);
  }
  EXPECT_EQ(frames[50].first, 0x80);
}

TEST_P(GrpcWebTest, TellsTheStatusInTheBodyWithDetails) {
  grpc::testing::SimpleRequest request;
  request.mutable_response_status()->set_code(grpc::StatusCode::NOT_FOUND);
  request.mutable_response_status()->set_message("größer\n");
  const HttpResponse response = Fetch(RequestFor("grpc.testing.TestService/UnaryCall", request));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Field("grpc-status"), "");
  const std::vector<WebFrame> frames = FramesOf(Decoded(response.body));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].first, 0x80);
  EXPECT_THAT(frames[0].second, HasSubstr("grpc-status:5\r\n"));
  EXPECT_THAT(frames[0].second, HasSubstr("grpc-message:gr%C3%B6%C3%9Fer%0A\r\n"));
  EXPECT_THAT(frames[0].second, HasSubstr("grpc-status-details-bin:"));
}

TEST_P(GrpcWebTest, TellsItsOwnErrorsTheSameWayWithCors) {
  const HttpResponse response =
      Fetch(RequestFor("grpc.testing.TestService/NoSuchMethod", grpc::testing::Empty()));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Field("access-control-allow-origin"), "https://shop.example");
  EXPECT_THAT(response.Field("access-control-expose-headers"), HasSubstr("grpc-status"));
  const std::vector<WebFrame> frames = FramesOf(Decoded(response.body));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_THAT(frames[0].second, HasSubstr("grpc-status:12\r\n"));
}

TEST_P(GrpcWebTest, TellsTheSameWayThatTheHeadIsTooLarge) {
  HttpRequest request = RequestFor("grpc.testing.TestService/UnaryCall", grpc::testing::SimpleRequest());
  request.fields.insert(request.fields.begin(), "cookie: " + std::string(61'000, 'x'));
  const HttpResponse response = Fetch(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Field("access-control-allow-origin"), "https://shop.example");
  const std::vector<WebFrame> frames = FramesOf(Decoded(response.body));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_THAT(frames[0].second, HasSubstr("grpc-status:8\r\n"));
  EXPECT_THAT(frames[0].second, HasSubstr("grpc-status-details-bin:"));
  EXPECT_EQ(service().calls, 0);
}

TEST_P(GrpcWebTest, RefusesBodiesThatAreNoMessage) {
  HttpRequest request = RequestFor("grpc.testing.TestService/UnaryCall", grpc::testing::SimpleRequest());
  request.body = text() ? "!!!!" : "abc";
  const std::vector<WebFrame> frames = FramesOf(Decoded(Fetch(request).body));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_THAT(frames[0].second, HasSubstr(text() ? "grpc-status:3\r\n" : "grpc-status:13\r\n"));
  EXPECT_EQ(service().calls, 0);
}

TEST_P(GrpcWebTest, DeliversAWatchAsItHappensAndEndsItWithTheTab) {
  HttpRequest request = RequestFor("grpc.health.v1.Health/Watch", grpc::health::v1::HealthCheckRequest());
  std::string first;
  request.on_body = [&](const std::string& body) {
    first = Decoded(body);
    return false;
  };
  EXPECT_TRUE(Fetch(request).broken);
  EXPECT_EQ(first, GrpcFrame("\x08\x01"));
  EXPECT_TRUE(arasta::testing::Eventually([&] { return backend_->health().watches == 0; }));
}

TEST_P(GrpcWebTest, AnswersPreflightsBeforeAnythingElse) {
  HttpRequest request{.url = absl::StrCat("http://", address(), "/no.Such/Method"),
                      .method = "OPTIONS",
                      .fields = {"origin: https://shop.example", "access-control-request-method: POST",
                                 "access-control-request-headers: content-type,x-grpc-web,authorization"},
                      .http2 = http2()};
  const HttpResponse response = Fetch(request);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.Field("access-control-allow-origin"), "https://shop.example");
  EXPECT_EQ(response.Field("access-control-allow-headers"), "content-type,x-grpc-web,authorization");
  EXPECT_EQ(response.Field("access-control-allow-credentials"), "");
}

TEST_P(GrpcWebTest, TellsOtherOriginsNothing) {
  HttpRequest request = RequestFor("grpc.testing.TestService/UnaryCall", grpc::testing::SimpleRequest());
  request.fields[1] = "origin: https://evil.example";
  const HttpResponse response = Fetch(request);
  EXPECT_EQ(response.Field("access-control-allow-origin"), "");
  EXPECT_EQ(response.Field("vary"), "origin");
}

}  // namespace
}  // namespace arasta::gateway
