// What codecs compress of an answer for clients that take gzip.
#include <gmock/gmock.h>
#include <google/api/httpbody.pb.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/gateway/connect.h"
#include "services/gateway/front_choice.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/gzip_answer.h"
#include "tests/support/gzip.h"
#include "tests/support/rest_table.h"
#include "tests/unit/gateway/recorded_answer.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Gunzip;
using arasta::testing::RestTable;
using arasta::testing::v1::Everything;
using arasta::testing::v1::Picture;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

const HeaderBlock kOk = ToTrailers(absl::OkStatus());

std::string FrameOf(const std::string& message, uint8_t flags = 0) {
  const auto head = FrameHead(flags, static_cast<uint32_t>(message.size()));
  return std::string(head.data(), head.size()) + message;
}

TEST(CompressedConnectTest, TellsUnaryAnswersAsHttpDoes) {
  Method method;
  method.max_request_bytes = 10'000;
  const std::string message(5000, 'a');
  for (const bool gzip : {true, false}) {
    RecordedAnswer answer;
    const auto codec = NewConnectUnaryCodec(RequestHead(), &method, {.gzip = gzip});
    codec->Head(HeaderBlock(), answer);
    codec->Messages(FrameOf(message), answer);
    codec->End(kOk, answer);
    EXPECT_EQ(answer.head.Find("content-encoding").has_value(), gzip);
    EXPECT_THAT(answer.head.Find("vary"), Optional(Eq("accept-encoding")));
    const std::string body(answer.queue.front());
    EXPECT_EQ(gzip ? Gunzip(body) : body, message);
    EXPECT_LT(codec->held(), 100u) << "once it is told, nothing is kept";
  }
}

TEST(CompressedConnectTest, TellsLongErrorsSoToo) {
  RecordedAnswer answer;
  NewConnectUnaryCodec(RequestHead(), nullptr, {.gzip = true})
      ->End(ToTrailers(absl::InternalError(std::string(5000, 'a'))), answer);
  EXPECT_THAT(answer.head.Find("content-encoding"), Optional(Eq("gzip")));
  EXPECT_THAT(Gunzip(std::string(answer.queue.front())), HasSubstr("{\"code\":\"internal\""));
}

// What the client is told by the end of these frames, in pieces of that size.
std::string ToldOf(const std::string& frames, size_t piece, RecordedAnswer& answer) {
  const auto codec = NewConnectStreamCodec(nullptr, {.gzip = true});
  codec->Head(HeaderBlock(), answer);
  for (size_t i = 0; i < frames.size(); i += piece) codec->Messages(frames.substr(i, piece), answer);
  std::string told(answer.queue.front());
  codec->End(kOk, answer);
  return told;
}

TEST(CompressedConnectTest, TellsTheMessagesOfAStreamOneByOne) {
  const std::string small(1000, 's'), fit(5000, 'f'), huge(1 << 20, 'h');
  const std::string frames = FrameOf(small) + FrameOf(fit) + FrameOf("") + FrameOf(huge) + FrameOf(fit);
  for (const size_t piece : {size_t{7}, size_t{16'384}, frames.size()}) {
    RecordedAnswer answer;
    const std::string told = ToldOf(frames, piece, answer);
    EXPECT_THAT(answer.head.Find("connect-content-encoding"), Optional(Eq("gzip")));
    EXPECT_TRUE(answer.ended);
    const std::string compressed = FrameOf(*Gzip(fit), kCompressedFlag);
    EXPECT_TRUE(told == FrameOf(small) + compressed + FrameOf("") + FrameOf(huge) + compressed) << piece;
  }
}

TEST(CompressedConnectTest, KeepsNoMessageThatIsTooLarge) {
  const auto codec = NewConnectStreamCodec(nullptr, {.gzip = true});
  RecordedAnswer answer;
  codec->Head(HeaderBlock(), answer);
  codec->Messages(FrameOf(std::string(1 << 20, 'h')).substr(0, 1000), answer);
  EXPECT_EQ(answer.queue.size(), 1000u);
  codec->End(kOk, answer);
  EXPECT_TRUE(answer.broken && !answer.ended) << "the end would be taken for the rest of it";
}

TEST(CompressedConnectTest, DoesNotTellTheBeginningOfAMessage) {
  RecordedAnswer answer;
  const std::string frames = FrameOf("abc") + FrameOf(std::string(5000, 'f')).substr(0, 4000);
  EXPECT_EQ(ToldOf(frames, 100, answer), FrameOf("abc"));
  EXPECT_TRUE(answer.ended);
}

TEST(CompressedConnectTest, FailsWhatIsCompressedAlready) {
  const auto codec = NewConnectStreamCodec(nullptr, {.gzip = true});
  RecordedAnswer answer;
  codec->Head(HeaderBlock(), answer);
  codec->Messages(FrameOf(std::string(5000, 'f'), kCompressedFlag), answer);
  EXPECT_EQ(answer.failure.code(), absl::StatusCode::kInternal);
}

// Of a call whose client takes gzip, at a backend that says something of its own about it.
RecordedAnswer RestAnswerTo(absl::string_view method, absl::string_view path, const std::string& message) {
  RequestHead head;
  head.method = method;
  head.path = path;
  head.accept_encoding = "deflate, gzip";
  const FrontChoice choice = ChooseFront(head, true, RestTable());
  RecordedAnswer answer;
  HeaderBlock metadata;
  metadata.Add("content-encoding", "br");
  choice.codec->Head(metadata, answer);
  choice.codec->Messages(FrameOf(message), answer);
  choice.codec->End(kOk, answer);
  return answer;
}

TEST(CompressedRestTest, TellsJsonOfWholeAnswers) {
  Everything thing;
  thing.set_string_value(std::string(5000, 'a'));
  const std::string json = R"({"stringValue":")" + thing.string_value() + "\"}";
  for (const char* method : {"GET", "HEAD"}) {
    const RecordedAnswer answer = RestAnswerTo(method, "/v1/things/tea", thing.SerializeAsString());
    EXPECT_THAT(answer.head.Find("content-encoding"), Optional(Eq("gzip")));
    EXPECT_THAT(answer.head.Find("vary"), Optional(Eq("accept-encoding")));
    const std::string size = absl::StrCat(Gzip(json)->size());
    EXPECT_THAT(answer.head.Find("content-length"), Optional(Eq(size))) << method;
    EXPECT_EQ(Gunzip(std::string(answer.queue.front())), answer.head_only ? "" : json);
  }
}

TEST(CompressedRestTest, LeavesABodyThatMayBeCompressedAsItIs) {
  Picture picture;
  picture.mutable_body()->set_content_type("image/png");
  picture.mutable_body()->set_data(std::string(5000, 'a'));
  const RecordedAnswer answer = RestAnswerTo("PUT", "/v1/pictures/cat", picture.SerializeAsString());
  EXPECT_EQ(answer.queue.front(), picture.body().data());
  EXPECT_EQ(answer.head.Find("content-encoding"), absl::nullopt);
}

}  // namespace
}  // namespace arasta::gateway
