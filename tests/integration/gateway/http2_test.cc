// What the gateway makes of frames and heads that are wrong, hostile or too many.
#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"

namespace arasta::gateway {
namespace {

const char kUnary[] = "/grpc.testing.TestService/UnaryCall";
const char kHealthWatch[] = "/grpc.health.v1.Health/Watch";
const char kHealthCheck[] = "/grpc.health.v1.Health/Check";

using ::testing::HasSubstr;

std::string DetailsOf(const Http2Answer& answer) {
  std::string details;
  EXPECT_TRUE(absl::Base64Unescape(answer.Field("grpc-status-details-bin"), &details));
  return details;
}

class Http2Test : public GatewayTest {
 protected:
  // The grpc-status of a unary call with this body and these fields.
  std::string StatusOf(const std::string& body, const Http2Client::Fields& more = {}) {
    Http2Client client(port());
    return client.Await(client.Send(kUnary, body, more)).Field("grpc-status");
  }

  // A client that behaves is served, over the connection to the backend that was there before.
  void ExpectStillServing() {
    Http2Client client(port());
    EXPECT_EQ(client.Await(client.Send(kUnary, GrpcFrame(""))).Field("grpc-status"), "0");
  }
};

TEST_F(Http2Test, RefusesAUnaryCallWithoutExactlyOneMessage) {
  EXPECT_EQ(StatusOf(""), "12");
  EXPECT_EQ(StatusOf(GrpcFrame("") + GrpcFrame("")), "12");
  EXPECT_EQ(StatusOf(GrpcFrame("abc").substr(0, 6)), "13");
  EXPECT_EQ(service().calls, 0);
  EXPECT_EQ(StatusOf(GrpcFrame("")), "0");
}

TEST_F(Http2Test, RefusesMalformedTimeouts) {
  for (const char* timeout : {"1", "1s", "-1S", "123456789S", "1.5S", "S"}) {
    EXPECT_EQ(StatusOf(GrpcFrame(""), {{"grpc-timeout", timeout}}), "3") << timeout;
  }
  EXPECT_EQ(StatusOf(GrpcFrame(""), {{"grpc-timeout", "0n"}}), "4");
  EXPECT_EQ(service().calls, 0);
}

// Whether the gateway's clock or the backend's ends such a call.
TEST_F(Http2Test, TellsWhyACallEndsThatHasNoTime) {
  for (const char* timeout : {"0n", "1n", "1u", "1m"}) {
    Http2Client client(port());
    const int32_t id = client.Send("/grpc.testing.TestService/FullDuplexCall", GrpcFrame(""),
                                   {{"grpc-timeout", timeout}}, /*end=*/false);
    const Http2Answer& answer = client.Await(id);
    EXPECT_EQ(answer.Field("grpc-status"), "4") << timeout;
    EXPECT_THAT(DetailsOf(answer), HasSubstr("DEADLINE_EXCEEDED")) << timeout;
  }
}

TEST_F(Http2Test, KnowsNoMethodWithAQuery) {
  Http2Client client(port());
  const Http2Answer& answer = client.Await(client.Send(absl::StrCat(kUnary, "?a=b"), GrpcFrame("")));
  EXPECT_EQ(answer.Field("grpc-status"), "12");
  EXPECT_THAT(DetailsOf(answer), HasSubstr("UNKNOWN_METHOD"));
}

TEST_F(Http2Test, RefusesWhatIsTooLarge) {
  EXPECT_EQ(StatusOf(std::string("\0\x7f\0\0\0abc", 8)), "8");
  EXPECT_EQ(StatusOf(GrpcFrame(""), {{"x-large", std::string(6500, 'x')}}), "8");
  EXPECT_EQ(service().calls, 0);
  ExpectStillServing();
}

TEST_F(Http2Test, RefusesHugeHeadsInTheClientsProtocol) {
  for (const size_t size : {size_t{20'000}, size_t{61'000}, size_t{100'000}}) {
    Http2Client client(port());
    const Http2Client::Fields huge = {{"x-huge-1", std::string(size / 2, 'x')},
                                      {"x-huge-2", std::string(size / 2, 'x')}};
    const Http2Answer& grpc = client.Await(client.Send(kUnary, GrpcFrame(""), huge));
    EXPECT_EQ(grpc.Field(":status"), "200") << size;
    EXPECT_EQ(grpc.Field("grpc-status"), "8") << size;
    EXPECT_THAT(DetailsOf(grpc), HasSubstr("METADATA_TOO_LARGE"));
    Http2Client::Fields connect = huge;
    connect.emplace_back("content-type", "application/json");
    const Http2Answer& json = client.Await(client.Send(kUnary, "{}", connect));
    EXPECT_EQ(json.Field(":status"), "429") << size;
    EXPECT_THAT(json.body, HasSubstr("\"code\":\"resource_exhausted\""));
    Http2Client::Fields none = huge;
    none.emplace_back("content-type", "text/html");
    const Http2Answer& other = client.Await(client.Send(kUnary, "{}", none));
    EXPECT_EQ(other.Field(":status"), "431") << size;
    EXPECT_EQ(other.Field("content-type"), "application/json");
  }
  EXPECT_EQ(service().calls, 0);
  ExpectStillServing();
}

TEST_F(Http2Test, EndsTheConnectionOfAHeadWithoutMeasure) {
  Http2Client client(port());
  Http2Client::Fields fields;
  for (int i = 0; i < 40; ++i) fields.emplace_back(absl::StrCat("x-", i), std::string(4000, 'a'));
  client.Send(kUnary, GrpcFrame(""), fields);
  EXPECT_TRUE(client.Until([&] { return client.goaway().has_value(); }));
  EXPECT_EQ(client.goaway().value_or(0), static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_TRUE(client.Until([&] { return client.closed(); }));
  ExpectStillServing();
}

TEST_F(Http2Test, AnswersWhatIsNoProtocolAsJson) {
  Http2Client client(port());
  const Http2Answer& type = client.Await(client.Send(kUnary, "{}", {{"content-type", "text/html"}}));
  EXPECT_EQ(type.Field(":status"), "415");
  EXPECT_EQ(type.Field("content-type"), "application/json");
  const Http2Answer& get = client.Await(client.Send(kUnary, "", {{":method", "GET"}}));
  EXPECT_EQ(get.Field(":status"), "405");
  EXPECT_EQ(get.Field("allow"), "POST");
  const Http2Answer& head = client.Await(client.Send(kUnary, "", {{":method", "HEAD"}}));
  EXPECT_EQ(head.Field(":status"), "405");
  EXPECT_EQ(head.Field("content-length"), absl::StrCat(get.body.size()));
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(client.Await(client.Send("/", "", {{":method", "GET"}, {"content-type", "x"}})).Field(":status"),
            "404");
  EXPECT_EQ(client.Await(client.Send("/no.Such/Method", GrpcFrame(""))).Field("grpc-status"), "12");
}

TEST_F(Http2Test, CarriesAThousandStreamsOfOneConnection) {
  Http2Client client(port());
  std::vector<int32_t> streams;
  for (int i = 0; i < 1000; ++i) streams.push_back(client.Send(kHealthWatch, GrpcFrame("")));
  ASSERT_TRUE(client.Until([&] {
    return std::all_of(streams.begin(), streams.end(),
                       [&](int32_t id) { return client.answer(id).body.size() == 7; });
  }));
  EXPECT_EQ(backend_->health().watches, 1000);
  ExpectStillServing();
  for (const int32_t id : streams) client.Reset(id);
  EXPECT_TRUE(client.Until([&] { return backend_->health().watches == 0; }));
}

TEST_F(Http2Test, EndsEveryCallOfAConnectionThatIsGone) {
  {
    Http2Client client(port());
    const int32_t first = client.Send(kHealthWatch, GrpcFrame(""));
    client.Send(kHealthWatch, GrpcFrame(""));
    ASSERT_TRUE(
        client.Until([&] { return backend_->health().watches == 2 && !client.answer(first).body.empty(); }));
  }
  Http2Client other(port());
  EXPECT_TRUE(other.Until([&] { return backend_->health().watches == 0; }));
}

TEST_F(Http2Test, CutsOffRapidResets) {
  Http2Client client(port());
  for (int i = 0; i < 5000 && !client.closed() && !client.goaway(); ++i) {
    const int32_t id = client.Send(kHealthCheck, GrpcFrame(""), {}, /*end=*/false);
    client.Reset(id);
    if (i % 100 == 0) client.Until([&client, left = 1]() mutable { return left-- == 0 || client.closed(); });
  }
  EXPECT_TRUE(client.Until([&] { return client.goaway().has_value(); }));
  EXPECT_EQ(client.goaway().value_or(0), static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  ExpectStillServing();
}

// 9 bytes of frame head: length, type, flags, stream.
std::string FrameOf(char type, char flags, char stream, const std::string& payload) {
  return std::string{0, 0, static_cast<char>(payload.size()), type, flags, 0, 0, 0, stream} + payload;
}

TEST_F(Http2Test, CutsOffFloodsOfControlFrames) {
  const std::string ping = FrameOf(6, 0, 0, "12345678");
  const std::string settings = FrameOf(4, 0, 0, "");
  const std::string priority = FrameOf(2, 0, 1, std::string(5, '\0'));
  for (const std::string& frame : {ping, settings, priority}) {
    Http2Client client(port());
    const int32_t id = client.Send(kHealthWatch, GrpcFrame(""));
    ASSERT_TRUE(client.Until([&] { return !client.answer(id).body.empty(); }));
    std::string flood;
    for (int i = 0; i < 5000; ++i) flood += frame;
    client.SendRaw(flood);
    EXPECT_TRUE(client.Until([&] { return client.goaway().has_value() || client.closed(); }));
    EXPECT_TRUE(client.goaway() || client.closed());
  }
  ExpectStillServing();
}

TEST_F(Http2Test, CutsOffEmptyDataFrames) {
  Http2Client client(port());
  const int32_t id =
      client.Send("/grpc.testing.TestService/StreamingInputCall", GrpcFrame(""), {}, /*end=*/false);
  ASSERT_TRUE(client.Until([&] { return service().calls == 1; }));
  std::string flood;
  for (int i = 0; i < 5000; ++i) flood += FrameOf(0, 0, static_cast<char>(id), "");
  client.SendRaw(flood);
  EXPECT_TRUE(client.Until([&] { return client.goaway().has_value() || client.closed(); }));
  ExpectStillServing();
}

class StalledAnswerTest : public GatewayTest {
 protected:
  void Adjust(GatewayConfig& config) override { config.limits.answer_stall_ns = 200'000'000; }
};

TEST_F(StalledAnswerTest, IsGivenUpWhenTheClientTakesNoMoreOfIt) {
  grpc::testing::SimpleRequest request;
  request.set_response_size(1 << 20);
  const std::string frame = GrpcFrame(request.SerializeAsString());
  Http2Client stalled(port(), /*reads=*/0);
  const Http2Answer& answer = stalled.Await(stalled.Send(kUnary, frame));
  EXPECT_EQ(answer.reset, NGHTTP2_CANCEL);
  Http2Client reading(port());
  EXPECT_EQ(reading.Await(reading.Send(kUnary, frame)).Field("grpc-status"), "0");
}

TEST_F(Http2Test, ClosesConnectionsThatAreNotHttp2AfterAll) {
  Http2Client client(port());
  client.SendRaw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string(200, 'x'));
  EXPECT_TRUE(client.Until([&] { return client.closed(); }));
  EXPECT_TRUE(client.closed());
  ExpectStillServing();
}

}  // namespace
}  // namespace arasta::gateway
