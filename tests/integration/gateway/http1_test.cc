// HTTP/1.1 byte by byte: several requests on one connection, and ends that come too early.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/metrics/metrics.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/raw_client.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const char kEmptyCall[] = "/grpc.testing.TestService/EmptyCall";
const char kHealthWatch[] = "/grpc.health.v1.Health/Watch";

class Http1Test : public GatewayTest {};

TEST_F(Http1Test, ServesOneRequestAfterTheOther) {
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.Send(Post(kEmptyCall, GrpcFrame("")));
    EXPECT_THAT(client.ReadUntil(kLastChunk),
                AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("grpc-status:0")));
  }
}

TEST_F(Http1Test, AnswersPipelinedRequestsInOrder) {
  RawClient client(port());
  client.Send(Post(kEmptyCall, GrpcFrame("")) + "GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answers = client.ReadToEnd();
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_GT(answers.find("HTTP/1.1 404 Not Found"), answers.find("grpc-status:0"));
}

TEST_F(Http1Test, ClosesAfterTheLastRequest) {
  RawClient client(port());
  client.Send(Post(kEmptyCall, GrpcFrame(""), "Connection: close\r\n"));
  EXPECT_THAT(client.ReadToEnd(), AllOf(HasSubstr("connection: close\r\n"), HasSubstr("grpc-status:0")));
}

TEST_F(Http1Test, AnswersHttp10WithoutChunks) {
  RawClient client(port());
  client.Send(absl::StrCat("POST ", kEmptyCall, " HTTP/1.0\r\nContent-Type: application/grpc-web\r\n",
                           "Content-Length: 5\r\n\r\n", GrpcFrame("")));
  EXPECT_THAT(client.ReadToEnd(), AllOf(HasSubstr("grpc-status:0"), ::testing::Not(HasSubstr("chunked"))));
}

TEST_F(Http1Test, RefusesSmugglingAndCloses) {
  RawClient client(port());
  client.Send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x");
  EXPECT_THAT(client.ReadToEnd(), AllOf(StartsWith("HTTP/1.1 400 Bad Request\r\n"),
                                        HasSubstr("connection: close"), HasSubstr("application/json")));
}

TEST_F(Http1Test, RefusesHeadsThatAreTooLarge) {
  for (const size_t size : {20'000, 61'000, 200'000}) {
    RawClient client(port());
    client.Send(absl::StrCat("GET / HTTP/1.1\r\nHost: a\r\nX: ", std::string(size, 'x'), "\r\n\r\n"));
    EXPECT_THAT(client.ReadToEnd(), AllOf(StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"),
                                          HasSubstr("connection: close"), HasSubstr("application/json")));
  }
}

// They would otherwise wait, silently, for a head's end that never comes.
TEST_F(Http1Test, RefusesBareLineFeedsAtOnce) {
  RawClient client(port());
  client.Send("GET / HTTP/1.1\nHost: a\n\n");
  EXPECT_THAT(client.ReadToEnd(),
              AllOf(StartsWith("HTTP/1.1 400 Bad Request\r\n"), HasSubstr("connection: close")));
}

TEST_F(Http1Test, RefusesNativeGrpc) {
  RawClient client(port());
  client.Send(absl::StrCat(
      "POST ", kEmptyCall,
      " HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nContent-Length: 5\r\n\r\n", GrpcFrame("")));
  EXPECT_THAT(client.ReadUntil(kLastChunk), StartsWith("HTTP/1.1 505 "));
}

TEST_F(Http1Test, InvitesTheBodyThatWaitsForIt) {
  RawClient client(port());
  const std::string request = Post(kEmptyCall, GrpcFrame(""), "Expect: 100-continue\r\n");
  client.Send(request.substr(0, request.size() - 5));
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 100 Continue\r\n"));
  client.Send(request.substr(request.size() - 5));
  EXPECT_THAT(client.ReadUntil(kLastChunk), HasSubstr("grpc-status:0"));
}

TEST_F(Http1Test, DoesNotInviteABodyThatItWouldRefuse) {
  RawClient client(port());
  client.Send("POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(),
              AllOf(StartsWith("HTTP/1.1 404 Not Found\r\n"), HasSubstr("connection: close\r\n")));
}

TEST_F(Http1Test, DoesNotWaitBeyondTheDeadlineForARequest) {
  RawClient client(port());
  const std::string request = Post(kEmptyCall, GrpcFrame(""), "Grpc-Timeout: 100m\r\n");
  const absl::Time sent = absl::Now();
  client.Send(request.substr(0, request.size() - 2));
  EXPECT_THAT(client.ReadUntil(kLastChunk), HasSubstr("grpc-status:4"));
  EXPECT_LT(absl::Now() - sent, absl::Milliseconds(290)) << "200 ms are for clients without a deadline";
}

TEST_F(Http1Test, EndsTheCallOfAClientThatClosed) {
  {
    RawClient client(port());
    client.Send(Post(kHealthWatch, GrpcFrame("")));
    client.ReadUntil("\x08\x01");
    EXPECT_EQ(backend_->health().watches, 1);
  }
  EXPECT_TRUE(arasta::testing::Eventually([&] { return backend_->health().watches == 0; }));
}

class Http1AccessLogTest : public GatewayTest {
 protected:
  void Adjust(GatewayConfig& config) override { config.access_log = true; }

  // The gateway's lines while clients send these bytes, each over a connection of its own.
  std::string LogOf(const std::vector<std::string>& requests) {
    ::testing::internal::CaptureStderr();
    for (const std::string& request : requests) {
      RawClient client(port());
      client.Send(request);
      client.ReadToEnd();
    }
    gateway_.reset();  // says what it still has to say
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(Http1AccessLogTest, TellsOfRefusalsAsOfEveryCall) {
  const auto& counter =
      metrics::NewCounter("arasta_gateway_calls_total", "", {{"method", "unknown"}, {"grpc_status", "2"}});
  const double before = counter.Value();
  const std::string log =
      LogOf({"GET /folded HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc-123\r\n fold: 1\r\n\r\n",
             absl::StrCat("GET /", std::string(20'000, 'x')), "nonsense\r\n"});
  EXPECT_THAT(log, HasSubstr("\"path\":\"/folded\",\"grpc_status\":2,\"http_status\":400"));
  EXPECT_THAT(log, HasSubstr("\"request_id\":\"abc-123\""));
  EXPECT_THAT(log, HasSubstr("\"path\":\"\",\"grpc_status\":2,\"http_status\":414"));
  EXPECT_THAT(log, HasSubstr("\"path\":\"\",\"grpc_status\":2,\"http_status\":400"));
  EXPECT_EQ(counter.Value() - before, 3);
}

TEST_F(Http1AccessLogTest, TellsOfBodiesThatBreakOffACall) {
  const std::string head = absl::StrCat("POST ", kEmptyCall, " HTTP/1.1\r\nHost: a\r\nContent-Type: ",
                                        "application/grpc-web\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(LogOf({head + "nonsense\r\n"}),
              HasSubstr(absl::StrCat("\"path\":\"", kEmptyCall, "\",\"grpc_status\":2,\"http_status\":400,",
                                     "\"ended_by\":\"local\"")));
}

}  // namespace
}  // namespace arasta::gateway
