// What REST makes of an exchange, from the request's head to the answer's last byte.
#include <gmock/gmock.h>
#include <google/api/httpbody.pb.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "absl/strings/escaping.h"
#include "common/base/errors.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/rest/codec_rest.h"
#include "tests/support/matchers.h"
#include "tests/support/rest_table.h"
#include "tests/unit/gateway/recorded_answer.h"

namespace arasta::gateway {
namespace {

using arasta::testing::HasReason;
using arasta::testing::HasViolation;
using arasta::testing::RestTable;
using arasta::testing::v1::Everything;
using arasta::testing::v1::Picture;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

std::string FrameOf(const std::string& message) {
  const auto head = FrameHead(0, static_cast<uint32_t>(message.size()));
  return std::string(head.data(), head.size()) + message;
}

std::string Thing(int number) {
  Everything thing;
  thing.set_int32_value(number);
  return FrameOf(thing.SerializeAsString());
}

struct Asked {
  absl::string_view method = "GET";
  absl::string_view path = "/v1/things/tea";
  absl::string_view type = {};
  absl::string_view accept = {};
  absl::string_view encoding = {};
};

class RestCodecTest : public ::testing::Test {
 protected:
  FrontCodec& Choose(const Asked& asked) {
    head_ = RequestHead();
    head_.method = asked.method;
    head_.path = asked.path;
    head_.content_type = asked.type;
    head_.accept = asked.accept;
    head_.content_encoding = asked.encoding;
    choice_ = ChooseFront(head_, true, RestTable());
    EXPECT_EQ(choice_.codec->name(), "rest");
    return *choice_.codec;
  }
  absl::Status Body(const Asked& asked, absl::string_view body) {
    FrontCodec& codec = Choose(asked);
    ByteQueue frames;
    const absl::Status status = body.empty() ? absl::OkStatus() : codec.Request(body, frames);
    return status.ok() ? codec.RequestEnd(frames) : status;
  }

  HeaderBlock Ok() { return ToTrailers(absl::OkStatus()); }
  std::string Header(absl::string_view name) const {
    return std::string(answer_.head.Find(name).value_or("none"));
  }

  RequestHead head_;
  FrontChoice choice_;
  RecordedAnswer answer_;
};

TEST_F(RestCodecTest, MakesAMessageOfARequest) {
  FrontCodec& codec = Choose({"PUT", "/v1/things/tea", "application/json; charset=utf-8"});
  const absl::StatusOr<CallTerms> terms = codec.Terms(head_);
  ASSERT_TRUE(terms.ok());
  ByteQueue frames;
  ASSERT_TRUE(codec.Request(R"({"int32)", frames).ok());
  ASSERT_TRUE(codec.Request(R"(Value": 3})", frames).ok());
  EXPECT_TRUE(frames.empty());
  ASSERT_TRUE(codec.RequestEnd(frames).ok());
  std::string wire;
  ASSERT_TRUE(terms->map(frames.front().substr(kFrameHeadSize), wire).ok());
  Everything message;
  ASSERT_TRUE(message.ParseFromString(wire));
  EXPECT_THAT(message, arasta::testing::EqualsProto("int32_value: 3 string_value: 'things/tea'"));
}

TEST_F(RestCodecTest, TakesBodiesOfJsonAlone) {
  for (const char* type : {"application/json", "Application/JSON", "application/json;charset=UTF-8",
                           "application/json; charset=\"utf-8\"", "application/json ; x=y"}) {
    EXPECT_TRUE(Body({"POST", "/v1/things", type}, "{}").ok()) << type;
  }
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx",
                           "text/json", "application/json; charset=latin1", "multipart/form-data"}) {
    EXPECT_THAT(Body({"POST", "/v1/things", type}, "{}"), HasReason("UNSUPPORTED_MEDIA_TYPE")) << type;
    EXPECT_TRUE(Body({"POST", "/v1/things", type}, "").ok()) << "what is not there needs no type";
  }
  EXPECT_THAT(
      Body({.method = "POST", .path = "/v1/things", .type = "application/json", .encoding = "br"}, "{}"),
      HasReason("UNSUPPORTED_MEDIA_TYPE"));
}

TEST_F(RestCodecTest, TakesGzip) {
  EXPECT_TRUE(Choose({.method = "POST", .path = "/v1/things", .type = "application/json", .encoding = "gzip"})
                  .Terms(head_)
                  ->gzip);
  EXPECT_FALSE(Choose({"POST", "/v1/things", "application/json"}).Terms(head_)->gzip);
}

TEST_F(RestCodecTest, KeepsNoMoreOfARequestThanTheMethodTakes) {
  FrontCodec& codec = Choose({"POST", "/v1/things", "application/json"});
  ByteQueue frames;
  EXPECT_TRUE(codec.Request(std::string(10'000, ' '), frames).ok());
  EXPECT_THAT(codec.Request(" ", frames), HasReason("MESSAGE_TOO_LARGE"));
}

TEST_F(RestCodecTest, RefusesBadParametersBeforeTheBody) {
  EXPECT_THAT(Choose({"GET", "/v1/things/tea?colr=1"}).Terms(head_), HasViolation("colr"));
}

TEST_F(RestCodecTest, AnswersWithTheMessageAsJson) {
  FrontCodec& codec = Choose({});
  HeaderBlock metadata;
  metadata.Add("content-type", "application/grpc");
  metadata.Add("x-total", "7");
  metadata.Add("x-secret-bin", "AQID");
  metadata.Add("grpc-encoding", "identity");
  codec.Head(metadata, answer_);
  const std::string frame = Thing(3);
  codec.Messages(frame.substr(0, 4), answer_);
  codec.Messages(frame.substr(4), answer_);
  EXPECT_EQ(answer_.status, 0) << "the status is not known yet";
  HeaderBlock trailers = Ok();
  trailers.Add("x-cost", "2");
  codec.End(trailers, answer_);
  EXPECT_EQ(answer_.status, 200);
  EXPECT_EQ(answer_.queue.front(), R"({"int32Value":3})");
  EXPECT_EQ(Header("content-type"), "application/json");
  EXPECT_EQ(Header("content-length"), "16");
  EXPECT_EQ(Header("x-total"), "7");
  EXPECT_EQ(Header("x-cost"), "2");
  EXPECT_EQ(Header("x-secret-bin"), "none");
  EXPECT_EQ(Header("grpc-encoding"), "none");
  EXPECT_EQ(Header("grpc-status"), "none");
  EXPECT_TRUE(answer_.ended);
}

TEST_F(RestCodecTest, AnswersHeadWithoutTheBody) {
  FrontCodec& codec = Choose({"HEAD"});
  codec.Messages(Thing(3), answer_);
  codec.End(Ok(), answer_);
  EXPECT_TRUE(answer_.head_only);
  EXPECT_EQ(Header("content-length"), "16");
  EXPECT_TRUE(answer_.queue.empty());
}

TEST_F(RestCodecTest, AnswersWithAPartWhereTheRuleSaysSo) {
  FrontCodec& codec = Choose({"GET", "/v1/parts/tea"});
  Everything thing;
  thing.mutable_nested()->set_number(4);
  codec.Messages(FrameOf(thing.SerializeAsString()), answer_);
  codec.End(Ok(), answer_);
  EXPECT_EQ(answer_.queue.front(), R"({"number":4})");
}

std::string BodyFrame(const std::string& content_type, const std::string& data) {
  google::api::HttpBody body;
  body.set_content_type(content_type);
  body.set_data(data);
  return FrameOf(body.SerializeAsString());
}

TEST_F(RestCodecTest, TakesABodyAsItIsWhereTheContractSaysSo) {
  FrontCodec& codec = Choose({"PUT", "/v1/pictures/cat", "image/png"});
  const absl::StatusOr<CallTerms> terms = codec.Terms(head_);
  ASSERT_TRUE(terms.ok());
  ByteQueue frames;
  ASSERT_TRUE(codec.Request("\xff{", frames).ok());
  ASSERT_TRUE(codec.RequestEnd(frames).ok());
  std::string wire;
  ASSERT_TRUE(terms->map(frames.front().substr(kFrameHeadSize), wire).ok());
  Picture picture;
  ASSERT_TRUE(picture.ParseFromString(wire));
  EXPECT_THAT(picture, arasta::testing::EqualsProto(
                           "name: 'pictures/cat' body { content_type: 'image/png' data: '\xff{' }"));
  EXPECT_THAT(Body({.method = "PUT", .path = "/v1/pictures/cat", .type = "image/png", .encoding = "br"}, "x"),
              HasReason("UNSUPPORTED_MEDIA_TYPE"));
}

TEST_F(RestCodecTest, AnswersWithABodyAsItIs) {
  Picture picture;
  picture.mutable_body()->set_content_type("image/png");
  picture.mutable_body()->set_data(std::string("\0\xff", 2));
  FrontCodec& codec = Choose({"PUT", "/v1/pictures/cat", "image/png"});
  codec.Messages(FrameOf(picture.SerializeAsString()), answer_);
  codec.End(Ok(), answer_);
  EXPECT_EQ(answer_.queue.front(), absl::string_view("\0\xff", 2));
  EXPECT_EQ(Header("content-type"), "image/png");
  EXPECT_EQ(Header("x-content-type-options"), "nosniff");
}

TEST_F(RestCodecTest, AnswersWithPiecesOfABodyAsTheyCome) {
  const Asked copy{"POST", "/v1/copies", "text/csv"};
  FrontCodec& codec = Choose(copy);
  codec.Messages(BodyFrame("text/csv", "a,"), answer_);
  EXPECT_EQ(Header("content-type"), "text/csv");
  codec.Messages(BodyFrame("", "b"), answer_);
  codec.End(Ok(), answer_);
  EXPECT_EQ(answer_.queue.front(), "a,b");
  EXPECT_TRUE(answer_.ended);
  RecordedAnswer failed;
  FrontCodec& failing = Choose(copy);
  failing.Messages(BodyFrame("text/csv", "a"), failed);
  failing.End(ToTrailers(absl::InternalError("oops")), failed);
  EXPECT_TRUE(failed.broken && !failed.ended) << "where the error would be taken for content";
}

TEST_F(RestCodecTest, TellsNoContentTypeThatIsMoreThanOne) {
  Choose({"POST", "/v1/copies", "text/csv"}).Messages(BodyFrame("a/b\r\nset-cookie: c=d", "x"), answer_);
  EXPECT_THAT(answer_.failure, HasReason("UNUSABLE_ANSWER"));
}

TEST_F(RestCodecTest, TakesALineForAMessageWhereThereMayBeMany) {
  const char* lines = "{\"int32Value\":1}\r\n\n {\"int32Value\":2}\n{\"int32Value\":3}";
  for (const size_t size : {1, 7, 100}) {
    FrontCodec& codec = Choose({"POST", "/v1/piles/tea:upload", "application/x-ndjson"});
    ByteQueue frames;
    for (absl::string_view rest = lines; !rest.empty(); rest.remove_prefix(std::min(size, rest.size())))
      ASSERT_TRUE(codec.Request(rest.substr(0, size), frames).ok());
    ASSERT_TRUE(codec.RequestEnd(frames).ok());
    int number = 0;
    for (absl::string_view rest = frames.front(); !rest.empty();) {
      const absl::optional<Frame> frame = *FirstFrame(rest, 100);
      ASSERT_TRUE(frame);
      std::string wire;
      ASSERT_TRUE(codec.Terms(head_)->map(frame->message, wire).ok());
      Everything thing;
      ASSERT_TRUE(thing.ParseFromString(wire));
      EXPECT_EQ(thing.int32_value(), ++number);
      EXPECT_EQ(thing.string_value(), "piles/tea");
      rest.remove_prefix(frame->size());
    }
    EXPECT_EQ(number, 3);
  }
}

struct Told {
  absl::StatusCode code;
  int http_status;
};

TEST_F(RestCodecTest, TellsEveryCodeByItsHttpStatus) {
  for (const Told& told :
       {Told{absl::StatusCode::kCancelled, 499}, Told{absl::StatusCode::kUnknown, 500},
        Told{absl::StatusCode::kInvalidArgument, 400}, Told{absl::StatusCode::kDeadlineExceeded, 504},
        Told{absl::StatusCode::kNotFound, 404}, Told{absl::StatusCode::kAlreadyExists, 409},
        Told{absl::StatusCode::kPermissionDenied, 403}, Told{absl::StatusCode::kResourceExhausted, 429},
        Told{absl::StatusCode::kFailedPrecondition, 400}, Told{absl::StatusCode::kAborted, 409},
        Told{absl::StatusCode::kOutOfRange, 400}, Told{absl::StatusCode::kUnimplemented, 501},
        Told{absl::StatusCode::kInternal, 500}, Told{absl::StatusCode::kUnavailable, 503},
        Told{absl::StatusCode::kDataLoss, 500}, Told{absl::StatusCode::kUnauthenticated, 401}}) {
    RecordedAnswer answer;
    Choose({}).End(ToTrailers(absl::Status(told.code, "why \"not\"?")), answer);
    EXPECT_EQ(answer.status, told.http_status);
    EXPECT_EQ(answer.queue.front(), absl::StrCat(R"({"code":)", static_cast<int>(told.code),
                                                 R"(,"message":"why \"not\"?","details":[]})"));
  }
}

TEST_F(RestCodecTest, ExpandsDetailsAndKeepsThoseItDoesNotKnow) {
  absl::Status status = InvalidField("colour", "is a matter of taste");
  status.SetPayload("type.googleapis.com/somebody.Elses", absl::Cord("\x01\x02"));
  Choose({}).End(ToTrailers(status), answer_);
  EXPECT_EQ(answer_.status, 400);
  const std::string body(answer_.queue.front());
  EXPECT_THAT(body, HasSubstr(R"("@type":"type.googleapis.com/google.rpc.BadRequest")"));
  EXPECT_THAT(body,
              HasSubstr(R"("fieldViolations":[{"field":"colour","description":"is a matter of taste"}])"));
  EXPECT_THAT(body, HasSubstr(R"("reason":"INVALID_FIELD")"));
  EXPECT_THAT(body, HasSubstr(R"({"@type":"type.googleapis.com/somebody.Elses","value":"AQI="})"));
}

TEST_F(RestCodecTest, SaysInHeadersWhatHttpHasHeadersFor) {
  Choose({}).End(ToTrailers(WithRetryAfter(absl::ResourceExhaustedError("slowly"), absl::Milliseconds(1500))),
                 answer_);
  EXPECT_EQ(Header("retry-after"), "2");
  Choose({}).End(ToTrailers(Error(absl::StatusCode::kUnauthenticated, "TOKEN_REQUIRED", "")), answer_);
  EXPECT_EQ(Header("www-authenticate"), R"(Bearer realm="api")");
  Choose({}).End(ToTrailers(Error(absl::StatusCode::kUnauthenticated, "INVALID_TOKEN", "")), answer_);
  EXPECT_EQ(Header("www-authenticate"), R"(Bearer realm="api", error="invalid_token")");
}

// More seconds than a number holds, and a part of one.
TEST_F(RestCodecTest, PassesOnThatThereIsNoUseInTryingAgain) {
  google::rpc::RetryInfo never;
  never.mutable_retry_delay()->set_seconds(std::numeric_limits<int64_t>::max());
  never.mutable_retry_delay()->set_nanos(1);
  absl::Status status = absl::ResourceExhaustedError("never");
  status.SetPayload("type.googleapis.com/google.rpc.RetryInfo", absl::Cord(never.SerializeAsString()));
  Choose({}).End(ToTrailers(status), answer_);
  EXPECT_EQ(Header("retry-after"), "9223372036854775807");
}

TEST_F(RestCodecTest, SurvivesDetailsAndMessagesThatAreGarbage) {
  HeaderBlock trailers;
  trailers.Add("grpc-status", "5");
  trailers.Add("grpc-message", "%FF%zz");
  trailers.Add("grpc-status-details-bin", "!!!");
  Choose({}).End(trailers, answer_);
  EXPECT_EQ(answer_.status, 404);
  EXPECT_EQ(answer_.queue.front(), R"({"code":5,"message":"\\xff%zz","details":[]})");
}

TEST_F(RestCodecTest, KnowsTheMethodsOfAPath) {
  FrontCodec& codec = Choose({"POST", "/v1/things/tea"});
  EXPECT_EQ(choice_.method, nullptr);
  codec.End(ToTrailers(choice_.refusal), answer_);
  EXPECT_EQ(answer_.status, 405);
  EXPECT_EQ(Header("allow"), "DELETE, GET, HEAD, PATCH, PUT");
  Choose({"GET", "/nothing"}).End(ToTrailers(choice_.refusal), answer_);
  EXPECT_EQ(answer_.status, 404);
  Choose({"GET", "/v1/things/%zz"}).End(ToTrailers(choice_.refusal), answer_);
  EXPECT_EQ(answer_.status, 400);
}

TEST_F(RestCodecTest, GivesUpOnAnAnswerThatIsNoAnswer) {
  Choose({}).Messages(FrameOf("\xFF"), answer_);
  EXPECT_THAT(answer_.failure, HasReason("UNUSABLE_ANSWER"));
  answer_.failure = absl::OkStatus();
  Choose({}).Messages(Thing(1) + Thing(2), answer_);
  EXPECT_THAT(answer_.failure, HasReason("UNUSABLE_ANSWER"));
  answer_.failure = absl::OkStatus();
  Choose({}).Messages(std::string("\0\xFF\0\0\0", 5), answer_);
  EXPECT_THAT(answer_.failure, HasReason("UNUSABLE_ANSWER"));
  Choose({}).End(Ok(), answer_);
  EXPECT_EQ(answer_.status, 500);
}

struct Stream {
  const char* accept;
  const char* type;
  const char* two;
  const char* none;
  const char* failed;  // after the first
};

constexpr Stream kStreams[] = {
    {"", "application/json", R"([{"int32Value":1},{"int32Value":2}])", "[]",
     R"([{"int32Value":1},{"error":{"code":13,"message":"oops","details":[]}}])"},
    {"text/html, */*;q=0.1", "application/json", R"([{"int32Value":1},{"int32Value":2}])", "[]",
     R"([{"int32Value":1},{"error":{"code":13,"message":"oops","details":[]}}])"},
    {"application/x-ndjson", "application/x-ndjson", "{\"int32Value\":1}\n{\"int32Value\":2}\n", "",
     "{\"int32Value\":1}\n{\"error\":{\"code\":13,\"message\":\"oops\",\"details\":[]}}\n"},
    {"text/event-stream; q=1", "text/event-stream",
     "data: {\"int32Value\":1}\n\ndata: {\"int32Value\":2}\n\nevent: end\ndata: {}\n\n",
     "event: end\ndata: {}\n\n",
     "data: {\"int32Value\":1}\n\nevent: error\ndata: "
     "{\"error\":{\"code\":13,\"message\":\"oops\",\"details\":[]}}\n\n"},
};

TEST_F(RestCodecTest, StreamsInTheFormThatTheClientAccepts) {
  for (const Stream& stream : kStreams) {
    const Asked asked{.path = "/v1/things:watch", .accept = stream.accept};
    RecordedAnswer two, none, failed;
    FrontCodec& codec = Choose(asked);
    codec.Messages(Thing(1), two);
    EXPECT_EQ(two.status, 200);
    codec.Messages(Thing(2), two);
    codec.End(Ok(), two);
    EXPECT_EQ(two.queue.front(), stream.two);
    EXPECT_THAT(two.head.Find("content-type"), Optional(Eq(stream.type)));
    Choose(asked).End(Ok(), none);
    EXPECT_EQ(none.queue.front(), stream.none);
    FrontCodec& failing = Choose(asked);
    failing.Messages(Thing(1), failed);
    failing.End(ToTrailers(absl::InternalError("oops")), failed);
    EXPECT_EQ(failed.queue.front(), stream.failed);
    EXPECT_EQ(failed.status, 200);
    EXPECT_TRUE(two.ended && none.ended && failed.ended);
  }
}

TEST_F(RestCodecTest, KeepsTheHttpStatusOfAStreamThatFailsAtOnce) {
  FrontCodec& codec = Choose({.path = "/v1/things:watch", .accept = "text/event-stream"});
  codec.Head(HeaderBlock(), answer_);
  codec.End(ToTrailers(absl::NotFoundError("gone")), answer_);
  EXPECT_EQ(answer_.status, 404);
  EXPECT_EQ(Header("content-type"), "application/json");
}

}  // namespace
}  // namespace arasta::gateway
