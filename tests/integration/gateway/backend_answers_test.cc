// What a client is told of a backend, or a proxy before it, that answers as no gRPC server should.
#include <gmock/gmock.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/raw_client.h"
#include "tests/integration/gateway/scripted_backend.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

const char kUnary[] = "/grpc.testing.TestService/UnaryCall";
const char kOutput[] = "/grpc.testing.TestService/StreamingOutputCall";
const ScriptedAnswer::Fields kGrpc = {{":status", "200"}, {"content-type", "application/grpc"}};
const ScriptedAnswer::Fields kOk = {{"grpc-status", "0"}};

ScriptedAnswer::Fields HtmlOf(const char* http_status) {
  return {{":status", http_status}, {"content-type", "text/html"}};
}
ScriptedAnswer::Fields With(ScriptedAnswer::Fields fields, const ScriptedAnswer::Fields& more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

struct Row {
  const char* name;
  ScriptedAnswer answer;
  std::string status;
};

std::vector<Row> Rows() {
  const std::string message = GrpcFrame("");
  return {
      // Resets.
      {"NoError", {.reset = NGHTTP2_NO_ERROR}, "13"},
      {"ProtocolError", {.reset = NGHTTP2_PROTOCOL_ERROR}, "13"},
      {"InternalError", {.reset = NGHTTP2_INTERNAL_ERROR}, "13"},
      {"FlowControlError", {.reset = NGHTTP2_FLOW_CONTROL_ERROR}, "13"},
      {"SettingsTimeout", {.reset = NGHTTP2_SETTINGS_TIMEOUT}, "13"},
      {"StreamClosed", {.reset = NGHTTP2_STREAM_CLOSED}, "13"},
      {"FrameSizeError", {.reset = NGHTTP2_FRAME_SIZE_ERROR}, "13"},
      {"RefusedStream", {.reset = NGHTTP2_REFUSED_STREAM}, "14"},
      {"Cancel", {.reset = NGHTTP2_CANCEL}, "1"},
      {"CompressionError", {.reset = NGHTTP2_COMPRESSION_ERROR}, "13"},
      {"ConnectError", {.reset = NGHTTP2_CONNECT_ERROR}, "13"},
      {"EnhanceYourCalm", {.reset = NGHTTP2_ENHANCE_YOUR_CALM}, "8"},
      {"InadequateSecurity", {.reset = NGHTTP2_INADEQUATE_SECURITY}, "13"},
      {"Http11Required", {.reset = NGHTTP2_HTTP_1_1_REQUIRED}, "13"},
      {"UnknownCode", {.reset = 0xff}, "13"},
      {"ResetAfterTheHead", {.head = kGrpc, .reset = NGHTTP2_CANCEL}, "1"},
      {"ResetAfterAMessage", {.head = kGrpc, .body = message, .reset = NGHTTP2_INTERNAL_ERROR}, "13"},
      // HTTP without a gRPC status.
      {"Http200", {.head = HtmlOf("200"), .body = "<html>"}, "2"},
      {"Http302", {.head = HtmlOf("302")}, "2"},
      {"Http400", {.head = HtmlOf("400"), .body = "<html>"}, "2"},
      {"Http401", {.head = HtmlOf("401"), .body = "<html>"}, "16"},
      {"Http403", {.head = HtmlOf("403"), .body = "<html>"}, "7"},
      {"Http404", {.head = HtmlOf("404"), .body = "<html>"}, "12"},
      {"Http404WithoutBody", {.head = HtmlOf("404")}, "12"},
      {"Http429", {.head = HtmlOf("429"), .body = "<html>"}, "14"},
      {"Http500", {.head = HtmlOf("500"), .body = "<html>"}, "2"},
      {"Http502", {.head = HtmlOf("502"), .body = "<html>"}, "14"},
      {"Http503", {.head = HtmlOf("503"), .body = "<html>"}, "14"},
      {"Http504", {.head = HtmlOf("504"), .body = "<html>"}, "14"},
      {"NoContentType", {.head = {{":status", "200"}}, .body = message, .trailers = kOk}, "2"},
      {"GrpcThatEndsWithItsHead", {.head = kGrpc}, "2"},
      {"GrpcThatEndsWithAMessage", {.head = kGrpc, .body = message}, "2"},
      {"TrailersWithoutStatus", {.head = kGrpc, .body = message, .trailers = {{"x", "y"}}}, "2"},
      // A gRPC status says it all.
      {"TrailersOnly", {.head = With(kGrpc, {{"grpc-status", "5"}})}, "5"},
      {"TrailersOnlyOfAnError", {.head = With(HtmlOf("503"), {{"grpc-status", "5"}})}, "5"},
      {"Trailers", {.head = kGrpc, .body = message, .trailers = kOk}, "0"},
      {"HeadAndTrailers", {.head = kGrpc, .trailers = {{"grpc-status", "5"}}}, "5"},
      {"TypeWithParameters",
       {.head = {{":status", "200"}, {"content-type", "application/grpc+proto; a=b"}}, .trailers = kOk},
       "0"},
  };
}

// The status in a gRPC-Web body.
std::string WebStatus(const std::string& body) {
  const std::string name = "grpc-status:";
  const size_t at = body.find(name);
  return at == std::string::npos ? "" : body.substr(at + name.size(), body.find('\r', at) - at - name.size());
}

class BackendAnswersTest : public GatewayTest {
 protected:
  void SetUp() override {}
  void StartBefore(const std::vector<int>& ports) {
    GatewayConfig config = ConfigFor(ports[0]);
    for (size_t i = 1; i < ports.size(); ++i)
      config.backends[0].addresses.push_back(absl::StrCat("127.0.0.1:", ports[i]));
    StartGateway(std::move(config));
    AwaitReady();
  }
};

// The request names the row.
TEST_F(BackendAnswersTest, AreToldAsAStatusInTheClientsProtocol) {
  const std::vector<Row> rows = Rows();
  ScriptedBackend backend([&rows](const ScriptedHead& request) {
    size_t row = 0;
    EXPECT_TRUE(absl::SimpleAtoi(request.find("x-row")->second, &row));
    return rows[row].answer;
  });
  StartBefore({backend.port()});
  Http2Client client(port());
  for (size_t i = 0; i < rows.size(); ++i) {
    const Http2Client::Fields grpc = {{"x-row", absl::StrCat(i)}};
    EXPECT_EQ(client.Await(client.Send(kUnary, GrpcFrame(""), grpc)).Field("grpc-status"), rows[i].status)
        << rows[i].name;
    Http2Client::Fields web = grpc;
    web.emplace_back("content-type", "application/grpc-web");
    const Http2Answer& answer = client.Await(client.Send(kUnary, GrpcFrame(""), web));
    EXPECT_EQ(WebStatus(answer.body), rows[i].status) << rows[i].name;
    EXPECT_EQ(answer.Field(":status"), "200") << rows[i].name;
    EXPECT_EQ(answer.Field("content-length"), "") << rows[i].name;
  }
}

TEST_F(BackendAnswersTest, AreNeverHtml) {
  ScriptedBackend backend([](const ScriptedHead&) {
    return ScriptedAnswer{.head = HtmlOf("503"), .body = "<html>secret</html>"};
  });
  StartBefore({backend.port()});
  Http2Client client(port());
  const Http2Answer& answer =
      client.Await(client.Send(kUnary, GrpcFrame(""), {{"content-type", "application/grpc-web"}}));
  EXPECT_THAT(answer.body, AllOf(HasSubstr("503"), Not(HasSubstr("html"))));
}

// Nothing that could be taken for the rest of it.
TEST_F(BackendAnswersTest, AreCutOffWithAMessageThatIs) {
  const std::string beginning = GrpcFrame(std::string(2000, 'x')).substr(0, 100);
  ScriptedBackend backend([&](const ScriptedHead&) {
    return ScriptedAnswer{.head = kGrpc, .body = beginning, .reset = NGHTTP2_INTERNAL_ERROR};
  });
  StartBefore({backend.port()});
  for (const char* type : {"application/grpc-web+proto", "application/connect+proto"}) {
    Http2Client client(port());
    const Http2Answer& answer = client.Await(client.Send(kOutput, GrpcFrame(""), {{"content-type", type}}));
    EXPECT_EQ(answer.reset.value_or(0), static_cast<uint32_t>(NGHTTP2_INTERNAL_ERROR)) << type;
    EXPECT_FALSE(answer.ended) << type;
    EXPECT_THAT(beginning, StartsWith(answer.body)) << type;
    RawClient http1(port());
    http1.Send(absl::StrCat("POST ", kOutput, " HTTP/1.1\r\nHost: a\r\nContent-Type: ", type,
                            "\r\nContent-Length: 5\r\n\r\n", GrpcFrame("")));
    EXPECT_THAT(http1.ReadToEnd(), Not(::testing::EndsWith(kLastChunk))) << type;
  }
}

// Byte for byte: percent-encoded or not as it should be, padded or not, twice or in the head.
TEST_F(BackendAnswersTest, KeepTheirMetadataAsItIs) {
  const ScriptedAnswer::Fields fields = {{"grpc-status", "9"},
                                         {"grpc-message", "100%zz %C3%A4 \xc3\xa4"},
                                         {"grpc-status-details-bin", "AAE"},
                                         {"x-some-bin", "AA=="},
                                         {"x-some-bin", "AQ,Ag"},
                                         {"x-text", ""}};
  ScriptedBackend backend([&](const ScriptedHead&) {
    return ScriptedAnswer{.head = With(kGrpc, {{"x-initial", "1"}}), .trailers = fields};
  });
  StartBefore({backend.port()});
  Http2Client client(port());
  const Http2Answer& grpc = client.Await(client.Send(kUnary, GrpcFrame("")));
  EXPECT_EQ(grpc.Field("x-initial"), "1");
  EXPECT_THAT(grpc.trailers, ::testing::UnorderedElementsAreArray(
                                 std::multimap<std::string, std::string>(fields.begin(), fields.end())));
  const Http2Answer& web =
      client.Await(client.Send(kUnary, GrpcFrame(""), {{"content-type", "application/grpc-web"}}));
  std::string lines;
  for (const auto& [name, value] : fields) absl::StrAppend(&lines, name, ":", value, "\r\n");
  EXPECT_THAT(web.body, HasSubstr(lines));
}

TEST_F(BackendAnswersTest, FollowRequestsOfGrpcsForm) {
  ScriptedBackend backend([](const ScriptedHead&) { return ScriptedAnswer{.head = With(kGrpc, kOk)}; });
  StartBefore({backend.port()});
  Http2Client client(port());
  for (const char* type : {"application/grpc", "application/grpc-web+proto"}) {
    const Http2Client::Fields fields = {
        {"content-type", type}, {"te", "trailers"}, {"content-length", "5"}, {"grpc-timeout", "2S"}};
    client.Await(client.Send(kUnary, GrpcFrame(""), fields));
    const ScriptedHead request = backend.last_request();
    EXPECT_THAT(request, Contains(Pair("te", "trailers")));
    EXPECT_THAT(request, Contains(Pair("content-type", StartsWith("application/grpc"))));
    EXPECT_THAT(request, Contains(Key("grpc-timeout")));
    EXPECT_THAT(request, Not(Contains(Pair("content-type", HasSubstr("web")))));
    EXPECT_THAT(request, Not(Contains(Key("content-length"))));
  }
  // GRPC_ALLOW_TRUE_BINARY_METADATA, which would make "-bin" values bytes.
  EXPECT_THAT(backend.settings(), Not(Contains(Key(0xfe03))));
  EXPECT_EQ(backend.pings(), 0);
}

// The announcement of an end that is not yet: the call in whose turn it comes goes on.
TEST_F(BackendAnswersTest, GoOnAfterAGoawayThatCountsThem) {
  ScriptedBackend leaving([](const ScriptedHead&) {
    return ScriptedAnswer{.goaway = 0, .head = kGrpc, .body = GrpcFrame(""), .trailers = kOk};
  });
  StartBefore({leaving.port()});
  Http2Client client(port());
  const Http2Answer& answer = client.Await(client.Send(kOutput, GrpcFrame("")));
  EXPECT_EQ(answer.Field("grpc-status"), "0");
  EXPECT_EQ(answer.body, GrpcFrame(""));
}

TEST_F(BackendAnswersTest, ComeFromAnotherAfterAGoawayThatLeavesThemOut) {
  ScriptedBackend leaving([](const ScriptedHead&) { return ScriptedAnswer{.goaway = -2}; });
  TestBackend other;
  StartBefore({leaving.port(), other.port()});
  Http2Client client(port());
  const auto served = [&] {
    return client.Await(client.Send(kUnary, GrpcFrame(""))).Field("grpc-status") == "0";
  };
  EXPECT_TRUE(arasta::testing::Eventually([&] { return !served() || leaving.calls() > 0; }));
  EXPECT_TRUE(served());
  EXPECT_EQ(leaving.calls(), 1);
}

}  // namespace
}  // namespace arasta::gateway
