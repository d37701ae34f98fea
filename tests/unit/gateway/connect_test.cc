// Connect's protocols: what they make of an exchange, and of requests that are wrong.
#include "services/gateway/connect.h"

#include <gmock/gmock.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "grpc/health/v1/health.pb.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"
#include "tests/support/matchers.h"
#include "tests/unit/gateway/recorded_answer.h"

namespace arasta::gateway {
namespace {

using arasta::testing::HasViolation;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

Method Unary() {
  Method method;
  method.max_request_bytes = 1000;
  return method;
}

std::string FrameOf(const std::string& message, uint8_t flags = 0) {
  const auto head = FrameHead(flags, static_cast<uint32_t>(message.size()));
  return std::string(head.data(), head.size()) + message;
}

HeaderBlock Fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  HeaderBlock block;
  for (const auto& [name, value] : fields) block.Add(name, value);
  return block;
}

const std::vector<std::pair<std::string, std::string>> kMetadata = {
    {"content-type", "application/grpc"}, {"grpc-encoding", "identity"}, {"x-meta", "1"}, {"x-meta", "2"}};

TEST(ConnectUnaryTest, WrapsTheBodyIntoOneFrame) {
  const Method method = Unary();
  const auto codec = NewConnectUnaryCodec(RequestHead(), &method, {});
  ByteQueue frames;
  ASSERT_TRUE(codec->Request("ab", frames).ok());
  ASSERT_TRUE(codec->Request("c", frames).ok());
  EXPECT_TRUE(frames.empty());
  ASSERT_TRUE(codec->RequestEnd(frames).ok());
  EXPECT_EQ(frames.front(), FrameOf("abc"));
}

TEST(ConnectUnaryTest, TakesNoMoreThanAMessage) {
  const Method method = Unary();
  ByteQueue frames;
  const auto codec = NewConnectUnaryCodec(RequestHead(), &method, {});
  EXPECT_TRUE(codec->Request(std::string(1000, 'x'), frames).ok());
  EXPECT_EQ(codec->Request("x", frames).code(), absl::StatusCode::kResourceExhausted);
}

TEST(ConnectUnaryTest, SaysThatItsMessageIsCompressed) {
  const Method method = Unary();
  RequestHead head;
  head.content_encoding = "gzip";
  const auto codec = NewConnectUnaryCodec(head, &method, {});
  EXPECT_TRUE(codec->Terms(head)->gzip);
  ByteQueue frames;
  ASSERT_TRUE(codec->Request("abc", frames).ok());
  ASSERT_TRUE(codec->RequestEnd(frames).ok());
  EXPECT_EQ(frames.front(), FrameOf("abc", kCompressedFlag));
}

TEST(ConnectUnaryTest, AnswersTheBareMessageWithTrailersAsFields) {
  const Method method = Unary();
  const auto codec = NewConnectUnaryCodec(RequestHead(), &method, {});
  RecordedAnswer answer;
  codec->Head(Fields(kMetadata), answer);
  for (const char byte : FrameOf("abc")) codec->Messages(absl::string_view(&byte, 1), answer);
  EXPECT_EQ(answer.status, 0) << "the head has to wait for the trailers";
  codec->End(Fields({{"grpc-status", "0"}, {"grpc-message", ""}, {"x-custom-bin", "AQID"}}), answer);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.queue.front(), "abc");
  EXPECT_TRUE(answer.ended);
  EXPECT_THAT(answer.head.Find("content-type"), Optional(Eq("application/proto")));
  EXPECT_THAT(answer.head.Find("trailer-x-custom-bin"), Optional(Eq("AQID")));
  EXPECT_EQ(answer.head.size(), 4u) << "and x-meta twice; nothing of gRPC's own";
}

TEST(ConnectUnaryTest, TellsEveryStatusByCodeAndHttp) {
  const std::vector<std::pair<std::string, int>> rows = {{"canceled", 499},
                                                         {"unknown", 500},
                                                         {"invalid_argument", 400},
                                                         {"deadline_exceeded", 504},
                                                         {"not_found", 404},
                                                         {"already_exists", 409},
                                                         {"permission_denied", 403},
                                                         {"resource_exhausted", 429},
                                                         {"failed_precondition", 400},
                                                         {"aborted", 409},
                                                         {"out_of_range", 400},
                                                         {"unimplemented", 501},
                                                         {"internal", 500},
                                                         {"unavailable", 503},
                                                         {"data_loss", 500},
                                                         {"unauthenticated", 401}};
  for (size_t i = 0; i < rows.size(); ++i) {
    RecordedAnswer answer;
    NewConnectUnaryCodec(RequestHead(), nullptr, {})
        ->End(Fields({{"grpc-status", std::to_string(i + 1)}}), answer);
    EXPECT_EQ(answer.status, rows[i].second) << i;
    EXPECT_EQ(answer.queue.front(), "{\"code\":\"" + rows[i].first + "\"}");
    EXPECT_THAT(answer.head.Find("content-type"), Optional(Eq("application/json")));
    EXPECT_EQ(answer.head.Find("www-authenticate").has_value(), rows[i].second == 401);
  }
}

TEST(ConnectUnaryTest, TellsMessageDetailsAndMetadataOfAnError) {
  google::rpc::Status status;
  status.add_details()->set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  status.mutable_details(0)->set_value("\xff\xfe\x01\x02");
  status.add_details()->set_type_url("plain.Type");
  RecordedAnswer answer;
  const auto codec = NewConnectUnaryCodec(RequestHead(), nullptr, {});
  codec->Head(Fields(kMetadata), answer);
  codec->End(Fields({{"grpc-status", "5"},
                     {"grpc-message", "gr%C3%B6%C3%9Fer \"%0A %FF"},
                     {"grpc-status-details-bin", absl::Base64Escape(status.SerializeAsString())},
                     {"x-why", "gone"}}),
             answer);
  EXPECT_EQ(
      answer.queue.front(),
      "{\"code\":\"not_found\",\"message\":\"größer \\\"\\n \xef\xbf\xbd\",\"details\":["
      "{\"type\":\"google.rpc.RetryInfo\",\"value\":\"//4BAg\"},{\"type\":\"plain.Type\",\"value\":\"\"}]}");
  EXPECT_THAT(answer.head.Find("x-meta"), Optional(Eq("1")));
  EXPECT_THAT(answer.head.Find("trailer-x-why"), Optional(Eq("gone")));
}

TEST(ConnectUnaryTest, FailsAnAnswerThatIsNotOneMessage) {
  const Method method = Unary();
  for (const std::string& frames : {FrameOf("a") + FrameOf("b"), FrameOf("a") + "x", FrameOf("a", 1),
                                    FrameOf(std::string(1001, 'x')).substr(0, 5)}) {
    RecordedAnswer answer;
    const auto codec = NewConnectUnaryCodec(RequestHead(), &method, {});
    codec->Head(HeaderBlock(), answer);
    codec->Messages(frames, answer);
    EXPECT_FALSE(answer.failure.ok());
  }
  RecordedAnswer answer;
  NewConnectUnaryCodec(RequestHead(), &method, {})->End(Fields({{"grpc-status", "0"}}), answer);
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(std::string(answer.queue.front()), HasSubstr("\"code\":\"internal\""));
}

TEST(ConnectStreamTest, PassesEnvelopesAndEndsWithJson) {
  const auto codec = NewConnectStreamCodec(nullptr, {});
  RecordedAnswer answer;
  codec->Head(Fields(kMetadata), answer);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.head.Find("content-type"), Optional(Eq("application/connect+proto")));
  EXPECT_EQ(answer.head.size(), 3u);
  codec->Messages(FrameOf("abc"), answer);
  codec->End(Fields({{"grpc-status", "0"}, {"x-sum", "1"}, {"x-sum", "2"}, {"x-raw-bin", "AQID"}}), answer);
  EXPECT_EQ(answer.queue.front(),
            FrameOf("abc") + FrameOf("{\"metadata\":{\"x-sum\":[\"1\",\"2\"],\"x-raw-bin\":[\"AQID\"]}}", 2));
  EXPECT_TRUE(answer.ended);
  EXPECT_TRUE(answer.end.empty());
}

TEST(ConnectStreamTest, PutsNoEndIntoTheRestOfAMessage) {
  const std::string frame = FrameOf("abc");
  for (size_t size = 1; size < frame.size(); ++size) {
    const auto codec = NewConnectStreamCodec(nullptr, {});
    RecordedAnswer answer;
    codec->Head(Fields(kMetadata), answer);
    codec->Messages(frame + frame.substr(0, size), answer);
    codec->End(ToTrailers(absl::UnavailableError("away")), answer);
    EXPECT_TRUE(answer.broken && !answer.ended) << size;
    EXPECT_EQ(answer.queue.front(), frame + frame.substr(0, size));
  }
}

TEST(ConnectStreamTest, SaysOkInHttpAndTheErrorInTheLastEnvelope) {
  RecordedAnswer answer;
  NewConnectStreamCodec(nullptr, {})->End(ToTrailers(absl::UnavailableError("away")), answer);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.queue.front(),
            FrameOf("{\"error\":{\"code\":\"unavailable\",\"message\":\"away\"},\"metadata\":{}}", 2));
}

absl::StatusOr<CallTerms> TermsOf(const RequestHead& head) {
  return NewConnectStreamCodec(nullptr, {})->Terms(head);
}

TEST(ConnectTermsTest, ReadsTimeouts) {
  RequestHead head;
  EXPECT_EQ(TermsOf(head)->timeout, absl::InfiniteDuration());
  head.connect_timeout = "1500";
  EXPECT_EQ(TermsOf(head)->timeout, absl::Milliseconds(1500));
  head.connect_timeout = "0";
  EXPECT_EQ(TermsOf(head)->timeout, absl::ZeroDuration());
  head.connect_timeout = "9999999999";
  EXPECT_EQ(TermsOf(head)->timeout, absl::Milliseconds(9'999'999'999));
  for (const char* malformed : {"", "-1", "+1", "1.5", "1s", "0x1", "10000000000", " 1"}) {
    head.connect_timeout = malformed;
    EXPECT_EQ(TermsOf(head).status().code(), absl::StatusCode::kInvalidArgument) << malformed;
  }
}

TEST(ConnectTermsTest, ChecksVersionAndEncoding) {
  RequestHead head;
  head.connect_version = "1";
  head.connect_encoding = "gzip";
  EXPECT_TRUE(TermsOf(head)->gzip);
  head.connect_encoding = "br";
  EXPECT_EQ(ReasonOf(TermsOf(head).status()), "COMPRESSION_UNSUPPORTED");
  head.connect_version = "2";
  EXPECT_EQ(TermsOf(head).status().code(), absl::StatusCode::kInvalidArgument);
}

std::string MessageIn(absl::string_view query) {
  const ConnectQuery parsed = ParseConnectQuery(query);
  return parsed.status.ok() ? parsed.message : parsed.status.ToString();
}

TEST(ConnectQueryTest, ReadsParametersInAnyOrder) {
  const ConnectQuery query =
      ParseConnectQuery("/s/M?message=e30%3D&compression=gzip&connect=v1&x&encoding=json&=y&base64=1");
  EXPECT_EQ(query.version, "v1");
  EXPECT_EQ(query.encoding, "json");
  EXPECT_EQ(query.compression, "gzip");
  EXPECT_EQ(query.message, "{}");
  EXPECT_TRUE(query.status.ok());
}

TEST(ConnectQueryTest, ReadsMessagesAsTextAndAsBase64) {
  EXPECT_EQ(MessageIn("/m?message="), "");
  EXPECT_EQ(MessageIn("/m?message=%7B%22a%22:+1%7d"), "{\"a\": 1}");
  EXPECT_EQ(MessageIn("/m?message=a&message=b"), "a");
  EXPECT_EQ(MessageIn("/m?base64=1&message=_-4"), "\xff\xee");
  EXPECT_EQ(MessageIn("/m?base64=1&message=_-4="), "\xff\xee");
  EXPECT_EQ(MessageIn("/m?base64=0&message=_-4"), "_-4");
  for (const char* query : {"/m", "/m?", "/m?base64=1", "/m?base64=1&message=!", "/m?base64=1&message=A"}) {
    EXPECT_THAT(ParseConnectQuery(query).status, HasViolation("message")) << query;
  }
}

TEST(ConnectQueryTest, NamesTheParameterThatIsNotPercentEncoded) {
  for (const char* name : {"message", "encoding", "connect", "compression", "base64"}) {
    for (const char* text : {"%", "%4", "%zz", "%2", "a%+1"}) {
      const std::string target = absl::StrCat("/m?", name, "=", text, "&message=a");
      EXPECT_THAT(ParseConnectQuery(target).status, HasViolation(name)) << target;
    }
  }
}

TEST(ConnectGetTest, TakesItsRequestFromTheQuery) {
  const Method method = Unary();
  const auto codec =
      NewConnectGetCodec(ParseConnectQuery("/m?encoding=proto&message=abc&connect=v1"), method, {});
  EXPECT_TRUE(codec->Terms(RequestHead()).ok());
  ByteQueue frames;
  ASSERT_TRUE(codec->RequestEnd(frames).ok());
  EXPECT_EQ(frames.front(), FrameOf("abc"));
  EXPECT_FALSE(codec->Request("x", frames).ok());
}

TEST(ConnectGetTest, RefusesWhatItDoesNotKnow) {
  const Method method = Unary();
  for (const char* query : {"/m?message=a&connect=v2", "/m?connect=v1", "/m?message=a&compression=br"}) {
    EXPECT_FALSE(NewConnectGetCodec(ParseConnectQuery(query), method, {})->Terms(RequestHead()).ok())
        << query;
  }
}

// With the messages of grpc.health.v1.Health.Check.
class ConnectJsonTest : public ::testing::Test {
 protected:
  ConnectJsonTest() {
    const google::protobuf::FileDescriptor& file =
        *grpc::health::v1::HealthCheckRequest::descriptor()->file();
    method_.descriptor = file.FindServiceByName("Health")->FindMethodByName("Check");
  }

  Method method_ = Unary();
  const std::string serving_ = FrameOf("\x08\x01");
  const std::string json_ = "{\"status\":\"SERVING\"}";
  const JsonMapping mapping_{*google::protobuf::DescriptorPool::generated_pool()};
  const ConnectFormat format_{"json", &mapping_};
};

TEST_F(ConnectJsonTest, MapsRequests) {
  const absl::StatusOr<CallTerms> terms =
      NewConnectUnaryCodec(RequestHead(), &method_, format_)->Terms(RequestHead());
  std::string wire;
  ASSERT_TRUE(terms->map("{\"service\": \"a\"}", wire).ok());
  EXPECT_EQ(wire,
            "\x0a\x01"
            "a");
  EXPECT_EQ(terms->map("{\"service\": 1}", wire).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(terms->map("", wire).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ConnectJsonTest, MapsTheAnswerOfAUnaryCall) {
  const auto codec = NewConnectUnaryCodec(RequestHead(), &method_, format_);
  RecordedAnswer answer;
  codec->Head(HeaderBlock(), answer);
  codec->Messages(serving_, answer);
  codec->End(Fields({{"grpc-status", "0"}}), answer);
  EXPECT_THAT(answer.head.Find("content-type"), Optional(Eq("application/json")));
  EXPECT_EQ(answer.queue.front(), json_);
}

TEST_F(ConnectJsonTest, MapsTheMessagesOfAStreamInAnyPieces) {
  const auto codec = NewConnectStreamCodec(&method_, format_);
  RecordedAnswer answer;
  codec->Head(HeaderBlock(), answer);
  for (const char byte : serving_ + FrameOf("") + serving_)
    codec->Messages(absl::string_view(&byte, 1), answer);
  EXPECT_THAT(answer.head.Find("content-type"), Optional(Eq("application/connect+json")));
  EXPECT_EQ(answer.queue.front(), FrameOf(json_) + FrameOf("{}") + FrameOf(json_));
}

TEST_F(ConnectJsonTest, FailsAnswersThatAreNotOfTheMethodsType) {
  for (const bool unary : {true, false}) {
    const auto codec = unary ? NewConnectUnaryCodec(RequestHead(), &method_, format_)
                             : NewConnectStreamCodec(&method_, format_);
    RecordedAnswer answer;
    codec->Head(HeaderBlock(), answer);
    codec->Messages(FrameOf("\xff\xff"), answer);
    EXPECT_EQ(answer.failure.code(), absl::StatusCode::kInternal);
  }
}

}  // namespace
}  // namespace arasta::gateway
