// What each protocol makes of the same exchange.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "services/gateway/front_codec.h"
#include "services/gateway/grpc_frames.h"
#include "tests/unit/gateway/recorded_answer.h"

namespace arasta::gateway {
namespace {

HeaderBlock Trailers() {
  HeaderBlock trailers;
  trailers.Add("grpc-status", "0");
  trailers.Add("x-custom-bin", "AQID");
  return trailers;
}

HeaderBlock Metadata() {
  HeaderBlock metadata;
  metadata.Add("content-type", "application/grpc");
  metadata.Add("x-meta", "1");
  return metadata;
}

const std::string kFrame("\0\0\0\0\2ab", 7);
const std::string kTrailerFrame = std::string("\x80\0\0\0\x22", 5) + "grpc-status:0\r\nx-custom-bin:AQID\r\n";

TEST(GrpcCodecTest, PassesEverythingAsItIs) {
  const auto codec = NewGrpcCodec();
  RecordedAnswer answer;
  codec->Head(Metadata(), answer);
  codec->Messages("frames", answer);
  codec->End(Trailers(), answer);
  EXPECT_EQ(answer.head.size(), 2u);
  EXPECT_EQ(answer.queue.front(), "frames");
  EXPECT_EQ(answer.end.size(), 2u);
  EXPECT_FALSE(answer.head_only);
}

TEST(GrpcCodecTest, SendsAnAnswerWithoutMessagesAsOneHead) {
  RecordedAnswer answer;
  NewGrpcCodec()->End(Trailers(), answer);
  EXPECT_TRUE(answer.head_only);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.head.Find("content-type"), testing::Optional(testing::Eq("application/grpc")));
}

TEST(GrpcWebCodecTest, SendsTrailersAsTheLastFrameOnce) {
  const auto codec = NewGrpcWebCodec("+proto", false, false);
  RecordedAnswer answer;
  codec->Head(Metadata(), answer);
  codec->Messages(kFrame, answer);
  codec->End(Trailers(), answer);
  EXPECT_THAT(answer.head.Find("content-type"), testing::Optional(testing::Eq("application/grpc-web+proto")));
  EXPECT_THAT(answer.head.Find("x-meta"), testing::Optional(testing::Eq("1")));
  EXPECT_EQ(answer.queue.front(), kFrame + kTrailerFrame);
  EXPECT_TRUE(answer.end.empty());
  EXPECT_TRUE(answer.ended);
}

TEST(GrpcWebCodecTest, HasATrailerFrameAlsoWithoutMessages) {
  HeaderBlock trailers = Trailers();
  trailers.Add("content-type", "application/grpc");
  RecordedAnswer answer;
  NewGrpcWebCodec("", false, false)->End(trailers, answer);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.queue.front(), kTrailerFrame);
  EXPECT_FALSE(answer.head.Find("grpc-status"));
}

TEST(GrpcWebCodecTest, WritesPaddedBase64PerFlushInTextMode) {
  const auto codec = NewGrpcWebCodec("", true, true);
  RecordedAnswer answer;
  codec->Head(Metadata(), answer);
  codec->Messages(kFrame.substr(0, 4), answer);
  codec->Messages(kFrame.substr(4), answer);
  codec->End(Trailers(), answer);
  EXPECT_EQ(answer.queue.front(), "AAAAAA==AmFi" + absl::Base64Escape(kTrailerFrame));
}

TEST(GrpcWebCodecTest, PutsNoTrailersIntoTheRestOfAMessage) {
  for (const bool text : {false, true}) {
    for (size_t size = 1; size < kFrame.size(); ++size) {
      const auto codec = NewGrpcWebCodec("", text, text);
      RecordedAnswer answer;
      codec->Head(Metadata(), answer);
      codec->Messages(kFrame + kFrame.substr(0, size), answer);
      const size_t sent = answer.queue.size();
      codec->End(Trailers(), answer);
      EXPECT_TRUE(answer.broken && !answer.ended) << size;
      EXPECT_EQ(answer.queue.size(), sent);
    }
  }
}

TEST(GrpcWebCodecTest, ReadsTextInAnyPieces) {
  const auto codec = NewGrpcWebCodec("", true, true);
  ByteQueue frames;
  for (const char c : std::string("YQ==YmM="))
    ASSERT_TRUE(codec->Request(absl::string_view(&c, 1), frames).ok());
  EXPECT_TRUE(codec->RequestEnd(frames).ok());
  EXPECT_EQ(frames.front(), "abc");
  ASSERT_TRUE(codec->Request("YQ", frames).ok());
  EXPECT_FALSE(codec->RequestEnd(frames).ok());
  EXPECT_FALSE(NewGrpcWebCodec("", true, true)->Request("!!!!", frames).ok());
}

}  // namespace
}  // namespace arasta::gateway
