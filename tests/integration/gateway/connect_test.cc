// Connect over HTTP/1.1 and HTTP/2, as browsers, curl and Connect's own clients send it.
#include <gmock/gmock.h>
#include <google/rpc/status.pb.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/grpc_frames.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/http_client.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/gzip.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Gzip;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::StreamingInputCallRequest;
using grpc::testing::StreamingInputCallResponse;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr size_t kEnvelopeHead = 5;

// Flag and content of each envelope of a stream's body.
std::vector<std::pair<int, std::string>> Envelopes(absl::string_view body) {
  std::vector<std::pair<int, std::string>> envelopes;
  while (!body.empty()) {
    const auto frame = FirstFrame(body, 1 << 30);
    if (!frame.ok() || !*frame) {
      ADD_FAILURE() << "a body that is cut off";
      break;
    }
    envelopes.emplace_back((*frame)->flags, std::string((*frame)->message));
    body.remove_prefix((*frame)->size());
  }
  return envelopes;
}

std::string WebSafe(const std::string& bytes) {
  return absl::WebSafeBase64Escape(bytes);
}

class ConnectTest : public GatewayTest, public ::testing::WithParamInterface<bool> {
 protected:
  void Adjust(GatewayConfig& config) override {
    config.descriptors = {WriteDescriptors(dir_.path())};
    config.cors.exposed_headers = {"x-total"};
  }

  HttpRequest RequestFor(const std::string& method, const std::string& type, const std::string& body) const {
    return {.url = absl::StrCat("http://", address(), "/grpc.testing.TestService/", method),
            .fields = {absl::StrCat("content-type: application/", type), "origin: https://shop.example",
                       "connect-protocol-version: 1", "expect:"},
            .body = body,
            .http2 = GetParam()};
  }
  HttpRequest UnaryCall(const SimpleRequest& request) const {
    return RequestFor("UnaryCall", "proto", request.SerializeAsString());
  }
  HttpRequest Stream(const std::string& method, const google::protobuf::Message& message) const {
    return RequestFor(method, "connect+proto", GrpcFrame(message.SerializeAsString()));
  }
  HttpRequest Get(const std::string& method, const std::string& query) const {
    HttpRequest request = RequestFor(absl::StrCat(method, "?", query), "proto", "");
    request.method = "GET";
    request.fields.erase(request.fields.begin());
    return request;
  }

 private:
  arasta::testing::TempDir dir_{"arasta_connect_"};
};

INSTANTIATE_TEST_SUITE_P(Everywhere, ConnectTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Http2" : "Http1"; });

TEST_P(ConnectTest, CarriesAUnaryCall) {
  SimpleRequest request;
  request.set_response_size(70'000);
  request.mutable_payload()->set_body(std::string(100'000, 'z'));
  const HttpResponse response = Fetch(UnaryCall(request));
  ASSERT_FALSE(response.broken);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Field("content-type"), "application/proto");
  EXPECT_EQ(response.Field("grpc-status"), "");
  EXPECT_EQ(response.Field("trailer-grpc-status"), "");
  EXPECT_EQ(response.Field("access-control-allow-origin"), "https://shop.example");
  EXPECT_NE(response.Field("x-request-id"), "");
  SimpleResponse message;
  ASSERT_TRUE(message.ParseFromString(response.body));
  EXPECT_EQ(message.payload().body().size(), 70'000u);
}

TEST_P(ConnectTest, CarriesMetadataAndKeepsItsOwnFieldsToItself) {
  HttpRequest request = UnaryCall(SimpleRequest());
  for (const char* field : {"x-echo: hello", "x-echo-trailing-bin: AAEC/w", "connect-timeout-ms: 4000",
                            "connect-accept-encoding: gzip", "content-encoding: identity", "accept: */*"}) {
    request.fields.emplace_back(field);
  }
  const HttpResponse response = Fetch(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Field("x-echo"), "hello");
  EXPECT_EQ(response.Field("trailer-x-echo-trailing-bin"), "AAEC/w");
  for (const auto& [name, value] : service().last_metadata) {
    EXPECT_THAT(name, Not(StartsWith("connect-")));
    EXPECT_THAT(name, Not(StartsWith("content-")));
    EXPECT_NE(name, "accept");
  }
  EXPECT_THAT(service().last_metadata, Contains(Pair("x-echo", "hello")));
}

TEST_P(ConnectTest, TellsErrorsAsJsonUnderAnHttpStatus) {
  SimpleRequest request;
  request.mutable_response_status()->set_code(grpc::StatusCode::NOT_FOUND);
  request.mutable_response_status()->set_message("größer\n");
  HttpRequest http = UnaryCall(request);
  http.fields.emplace_back("x-echo-trailing-bin: AAEC/w");
  const HttpResponse response = Fetch(http);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.Field("content-type"), "application/json");
  EXPECT_EQ(response.Field("trailer-x-echo-trailing-bin"), "AAEC/w");
  EXPECT_EQ(response.Field("access-control-allow-origin"), "https://shop.example");
  EXPECT_THAT(response.body, StartsWith("{\"code\":\"not_found\",\"message\":\"größer\\n\""));
}

TEST_P(ConnectTest, TellsItsOwnErrorsWithDetails) {
  const HttpResponse response = Fetch(RequestFor("NoSuchMethod", "proto", ""));
  EXPECT_EQ(response.status, 501);
  EXPECT_THAT(response.body, HasSubstr("\"code\":\"unimplemented\""));
  EXPECT_THAT(response.body, HasSubstr("{\"type\":\"google.rpc.ErrorInfo\",\"value\":\""));
  EXPECT_EQ(response.Field("access-control-allow-origin"), "https://shop.example");
}

TEST_P(ConnectTest, HoldsNoMoreOfAnAnswerThanOfARequest) {
  SimpleRequest request;
  request.set_response_size(5 << 20);
  const HttpResponse response = Fetch(UnaryCall(request));
  EXPECT_EQ(response.status, 429);
  EXPECT_THAT(response.body, HasSubstr("\"code\":\"resource_exhausted\""));
}

TEST_P(ConnectTest, RefusesWhatIsTooLarge) {
  EXPECT_EQ(Fetch(RequestFor("UnaryCall", "proto", std::string(5 << 20, 'x'))).status, 429);
  EXPECT_EQ(service().calls, 0);
}

TEST_P(ConnectTest, AnswersGetsOfMethodsWithoutSideEffects) {
  SimpleRequest message;
  message.mutable_payload()->set_body("\xff\xfe\xfd");
  const std::string wire = message.SerializeAsString();
  for (const std::string& query : {
           absl::StrCat("connect=v1&encoding=proto&base64=1&message=", WebSafe(wire)),
           absl::StrCat("message=", WebSafe(wire), "&base64=1&encoding=proto"),
           absl::StrCat("compression=gzip&encoding=proto&base64=1&message=", WebSafe(Gzip(wire))),
           absl::StrCat("compression=identity&encoding=proto&base64=1&message="),
       }) {
    const HttpResponse response = Fetch(Get("CacheableUnaryCall", query));
    EXPECT_EQ(response.status, 200) << query << response.body;
    SimpleResponse answer;
    EXPECT_TRUE(answer.ParseFromString(response.body));
    EXPECT_EQ(answer.server_id(), std::to_string(getpid()));
  }
}

TEST_P(ConnectTest, RefusesGetsThatAreWrong) {
  EXPECT_EQ(Fetch(Get("CacheableUnaryCall", "encoding=proto")).status, 400);
  EXPECT_EQ(Fetch(Get("CacheableUnaryCall", "encoding=proto&message=!&base64=1")).status, 400);
  EXPECT_EQ(Fetch(Get("CacheableUnaryCall", "encoding=proto&message=&connect=v2")).status, 400);
  EXPECT_EQ(Fetch(Get("CacheableUnaryCall", "encoding=proto&message=&compression=br")).status, 501);
  EXPECT_EQ(Fetch(Get("CacheableUnaryCall", "encoding=xml&message=")).status, 415);
  EXPECT_EQ(Fetch(Get("NoSuchMethod", "encoding=proto&message=")).status, 404);
  EXPECT_EQ(service().calls, 0);
}

TEST_P(ConnectTest, SaysWhichVerbsAndTypesThereAre) {
  const HttpResponse get = Fetch(Get("UnaryCall", "encoding=proto&message="));
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.Field("allow"), "POST");
  HttpRequest put = RequestFor("CacheableUnaryCall", "proto", "");
  put.method = "PUT";
  EXPECT_EQ(Fetch(put).Field("allow"), "GET, POST");
  const HttpResponse unary = Fetch(RequestFor("UnaryCall", "connect+proto", ""));
  EXPECT_EQ(unary.status, 415);
  EXPECT_THAT(unary.Field("accept-post"), HasSubstr("application/proto"));
  const HttpResponse stream = Fetch(RequestFor("StreamingOutputCall", "proto", ""));
  EXPECT_EQ(stream.status, 415);
  EXPECT_THAT(stream.Field("accept-post"), HasSubstr("application/connect+proto"));
  EXPECT_EQ(Fetch(RequestFor("UnaryCall", "x-thrift", "")).status, 415);
}

TEST_P(ConnectTest, ChecksVersionAndTimeout) {
  HttpRequest request = UnaryCall(SimpleRequest());
  request.fields[2] = "connect-protocol-version: 2";
  EXPECT_EQ(Fetch(request).status, 400);
  request.fields[2] = "connect-timeout-ms: soon";
  EXPECT_EQ(Fetch(request).status, 400);
  EXPECT_EQ(service().calls, 0);
}

TEST_P(ConnectTest, EndsACallAtItsDeadlineAndTellsTheBackend) {
  HttpRequest request = UnaryCall(SimpleRequest());
  request.fields.emplace_back("connect-timeout-ms: 100");
  request.fields.emplace_back("x-hang: 1");
  const HttpResponse response = Fetch(request);
  EXPECT_EQ(response.status, 504);
  EXPECT_THAT(response.body, HasSubstr("\"code\":\"deadline_exceeded\""));
  EXPECT_TRUE(service().cancelled.WaitForNotificationWithTimeout(absl::Seconds(5)));
}

TEST_P(ConnectTest, InflatesRequests) {
  SimpleRequest request;
  request.set_response_size(3);
  request.mutable_payload()->set_body(std::string(1 << 20, '\0'));
  HttpRequest http = RequestFor("UnaryCall", "proto", Gzip(request.SerializeAsString()));
  http.fields.emplace_back("content-encoding: gzip");
  EXPECT_EQ(Fetch(http).status, 200);
  http.body = Gzip(std::string(50 << 20, '\0'));
  EXPECT_EQ(Fetch(http).status, 429);
  http.body.clear();
  EXPECT_EQ(Fetch(http).status, 200) << "nothing is nothing";
  http.fields.back() = "content-encoding: br";
  const HttpResponse unknown = Fetch(http);
  EXPECT_EQ(unknown.status, 501);
  EXPECT_THAT(unknown.Field("accept-encoding"), HasSubstr("gzip"));
}

TEST_P(ConnectTest, CarriesAServerStream) {
  StreamingOutputCallRequest request;
  for (int i = 0; i < 50; ++i) request.add_response_parameters()->set_size(i * 200);
  const HttpResponse response = Fetch(Stream("StreamingOutputCall", request));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Field("content-type"), "application/connect+proto");
  const auto envelopes = Envelopes(response.body);
  ASSERT_EQ(envelopes.size(), 51u);
  for (size_t i = 0; i < 50; ++i) {
    StreamingOutputCallResponse message;
    EXPECT_TRUE(message.ParseFromString(envelopes[i].second));
    EXPECT_EQ(message.payload().body().size(), i * 200);
  }
  EXPECT_EQ(envelopes[50], std::make_pair(2, std::string("{\"metadata\":{}}")));
}

TEST_P(ConnectTest, CarriesAClientStreamCompressedAndNot) {
  std::string body;
  for (size_t i = 0; i < 100; ++i) {
    StreamingInputCallRequest request;
    request.mutable_payload()->set_body(std::string(i * 1000, 'a'));
    const std::string wire = request.SerializeAsString();
    body += i % 2 == 0 ? GrpcFrame(wire) : GrpcFrame(Gzip(wire), 1);
  }
  HttpRequest request = RequestFor("StreamingInputCall", "connect+proto", body);
  request.fields.emplace_back("connect-content-encoding: gzip");
  const auto envelopes = Envelopes(Fetch(request).body);
  ASSERT_EQ(envelopes.size(), 2u);
  StreamingInputCallResponse response;
  ASSERT_TRUE(response.ParseFromString(envelopes[0].second));
  EXPECT_EQ(response.aggregated_payload_size(), 4'950'000);
}

TEST_P(ConnectTest, TellsWhatFailsAStreamInItsLastEnvelope) {
  for (const auto& [body, code] : std::vector<std::pair<std::string, std::string>>{
           {GrpcFrame("", 1), "internal"},
           {GrpcFrame("", 2), "internal"},
           {"abc", "internal"},
           {"", "unimplemented"},
           {GrpcFrame("") + GrpcFrame(""), "unimplemented"},
           {absl::StrCat(absl::string_view("\0\x7f\0\0\0", 5), "x"), "resource_exhausted"}}) {
    const HttpResponse response = Fetch(RequestFor("StreamingOutputCall", "connect+proto", body));
    EXPECT_EQ(response.status, 200);
    const auto envelopes = Envelopes(response.body);
    ASSERT_EQ(envelopes.size(), 1u);
    EXPECT_EQ(envelopes[0].first, 2);
    EXPECT_THAT(envelopes[0].second, StartsWith(absl::StrCat("{\"error\":{\"code\":\"", code, "\"")));
  }
  EXPECT_EQ(service().calls, 0);
}

TEST_P(ConnectTest, CarriesBothDirectionsWhereHttpDoes) {
  const HttpResponse response = Fetch(Stream("FullDuplexCall", StreamingOutputCallRequest()));
  EXPECT_EQ(response.status, GetParam() ? 200 : 505);
}

TEST_P(ConnectTest, DeliversAStreamAsItHappensAndEndsItWithTheTab) {
  HttpRequest request = RequestFor("", "connect+proto", GrpcFrame(""));
  request.url = absl::StrCat("http://", address(), "/grpc.health.v1.Health/Watch");
  request.on_body = [](const std::string& body) { return body != GrpcFrame("\x08\x01"); };
  EXPECT_TRUE(Fetch(request).broken);
  EXPECT_TRUE(arasta::testing::Eventually([&] { return backend_->health().watches == 0; }));
}

TEST_P(ConnectTest, IsAllowedAcrossOrigins) {
  HttpRequest preflight = RequestFor("UnaryCall", "proto", "");
  preflight.method = "OPTIONS";
  preflight.fields = {
      "origin: https://shop.example", "access-control-request-method: POST",
      "access-control-request-headers: connect-protocol-version,connect-timeout-ms,content-type"};
  const HttpResponse allowed = Fetch(preflight);
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(allowed.Field("access-control-allow-headers"),
            "connect-protocol-version,connect-timeout-ms,content-type");
  EXPECT_THAT(allowed.Field("access-control-allow-methods"), HasSubstr("GET"));
  EXPECT_THAT(Fetch(UnaryCall(SimpleRequest())).Field("access-control-expose-headers"),
              AllOf(HasSubstr("x-total"), HasSubstr("trailer-x-total")));
}

TEST_P(ConnectTest, SpeaksJson) {
  HttpRequest request =
      RequestFor("UnaryCall", "json; charset=utf-8", "{\"responseSize\": 3, \"unknown\": [1]}");
  HttpResponse response = Fetch(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Field("content-type"), "application/json");
  EXPECT_EQ(response.body, "{\"payload\":{\"body\":\"eHh4\"}}");
  request.fields.emplace_back("content-encoding: gzip");
  request.body = Gzip(request.body);
  response = Fetch(request);
  EXPECT_EQ(response.body, "{\"payload\":{\"body\":\"eHh4\"}}");
}

TEST_P(ConnectTest, RefusesWhatIsNotJson) {
  for (const char* body : {"", "{", "[]", "{\"responseSize\": \"x\"}", "{'responseSize': 3}"}) {
    const HttpResponse response = Fetch(RequestFor("UnaryCall", "json", body));
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(response.body, StartsWith("{\"code\":\"invalid_argument\"")) << body;
  }
  EXPECT_EQ(service().calls, 0);
}

TEST_P(ConnectTest, AnswersGetsInJson) {
  const HttpResponse response =
      Fetch(Get("CacheableUnaryCall", "connect=v1&encoding=json&message=%7B%22responseSize%22%3A1%7D"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, absl::StrCat("{\"serverId\":\"", getpid(), "\"}"));
}

TEST_P(ConnectTest, CarriesStreamsInJson) {
  HttpRequest request = RequestFor("StreamingOutputCall", "connect+json",
                                   GrpcFrame("{\"responseParameters\": [{\"size\": 1}, {}, {\"size\": 2}]}"));
  const HttpResponse response = Fetch(request);
  EXPECT_EQ(response.Field("content-type"), "application/connect+json");
  EXPECT_THAT(Envelopes(response.body),
              ElementsAre(Pair(0, "{\"payload\":{\"body\":\"eQ==\"}}"), Pair(0, "{\"payload\":{}}"),
                          Pair(0, "{\"payload\":{\"body\":\"eXk=\"}}"), Pair(2, "{\"metadata\":{}}")));
  const std::string upload = "{\"payload\": {\"body\": \"eHh4\"}}";
  request = RequestFor("StreamingInputCall", "connect+json", GrpcFrame(upload) + GrpcFrame(Gzip(upload), 1));
  request.fields.emplace_back("connect-content-encoding: gzip");
  EXPECT_THAT(Envelopes(Fetch(request).body), Contains(Pair(0, "{\"aggregatedPayloadSize\":6}")));
}

class ConnectHttp2Test : public GatewayTest {};

TEST_F(ConnectHttp2Test, CarriesBothDirectionsInTurns) {
  Http2Client client(port());
  StreamingOutputCallRequest request;
  request.mutable_payload()->set_body("ping");
  const std::string frame = GrpcFrame(request.SerializeAsString());
  const int32_t id = client.Send("/grpc.testing.TestService/FullDuplexCall", frame,
                                 {{"content-type", "application/connect+proto"}}, /*end=*/false);
  ASSERT_TRUE(client.Until([&] { return client.answer(id).body.size() > kEnvelopeHead; }));
  StreamingOutputCallResponse response;
  ASSERT_TRUE(response.ParseFromString(client.answer(id).body.substr(kEnvelopeHead)));
  EXPECT_EQ(response.payload().body(), "ping");
  EXPECT_FALSE(client.answer(id).ended);
}

}  // namespace
}  // namespace arasta::gateway
