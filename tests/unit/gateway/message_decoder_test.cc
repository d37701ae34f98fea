#include "services/gateway/message_decoder.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "common/base/errors.h"
#include "tests/support/gzip.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Gzip;

constexpr uint32_t kLimit = 1 << 20;
const MessageDecoder::Options kGzip = {kLimit, /*gzip=*/true};

std::string FrameOf(const std::string& message, uint8_t flags = 0) {
  const auto head = FrameHead(flags, static_cast<uint32_t>(message.size()));
  return std::string(head.data(), head.size()) + message;
}

std::string Compressed(const std::string& message) {
  return FrameOf(Gzip(message), kCompressedFlag);
}

absl::Status StatusOf(const std::string& frames, const MessageDecoder::Options& options = kGzip) {
  MessageDecoder decoder(options);
  decoder.input().Append(frames);
  ByteQueue out;
  return decoder.Advance(out);
}

// What comes out of `frames` that come in such pieces, with a backend that takes everything at once.
std::string Decoded(const std::string& frames, size_t piece, const MessageDecoder::Options& options = kGzip) {
  MessageDecoder decoder(options);
  std::string all;
  for (size_t i = 0; i < frames.size(); i += piece) {
    decoder.input().Append(absl::string_view(frames).substr(i, piece));
    do {
      ByteQueue out;
      EXPECT_TRUE(decoder.Advance(out).ok());
      all.append(out.front().data(), out.size());
    } while (!decoder.starved());
  }
  EXPECT_TRUE(decoder.empty());
  return all;
}

TEST(MessageDecoderTest, InflatesWhatIsCompressedInAnyPieces) {
  const std::string large(300'000, 'x');
  const std::string frames = Compressed("abc") + FrameOf("plain") + Compressed(large) + Compressed("");
  const std::string plain = FrameOf("abc") + FrameOf("plain") + FrameOf(large) + FrameOf("");
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{100}, frames.size()}) {
    EXPECT_EQ(Decoded(frames, piece), plain) << piece;
  }
}

TEST(MessageDecoderTest, TakesNothingForTheEmptyMessage) {
  EXPECT_EQ(Decoded(FrameOf("", kCompressedFlag), 1), FrameOf(""));
}

TEST(MessageDecoderTest, RefusesABombBeforeItGoesOff) {
  MessageDecoder decoder(kGzip);
  decoder.input().Append(Compressed(std::string(kLimit + 1, '\0')));
  ByteQueue out;
  EXPECT_EQ(decoder.Advance(out).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(StatusOf(Compressed(std::string(kLimit, '\0'))).ok());
  EXPECT_EQ(StatusOf(FrameOf(std::string(kLimit + 1, '\0')).substr(0, 5)).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(MessageDecoderTest, HoldsGzipToTheSizeItPromised) {
  for (const size_t size : {size_t{10}, size_t{200'000}}) {
    for (const int lie : {-1, 1, 100}) {
      std::string gzip = Gzip(std::string(size, 'x'));
      gzip[gzip.size() - 4] = static_cast<char>(gzip[gzip.size() - 4] + lie);
      MessageDecoder decoder(kGzip);
      decoder.input().Append(FrameOf(gzip, kCompressedFlag));
      absl::Status status;
      size_t made = 0;
      while (status.ok() && (made == 0 || !decoder.starved())) {
        ByteQueue out;
        status = decoder.Advance(out);
        made += out.size();
      }
      EXPECT_EQ(ReasonOf(status), "NOT_GZIP") << size << " " << lie;
      EXPECT_LE(made, kFrameHeadSize + size + 100);
    }
  }
}

TEST(MessageDecoderTest, RefusesWhatIsNotOneGzipText) {
  const std::string gzip = Gzip("abc");
  std::string damaged = gzip;
  damaged[12] = static_cast<char>(damaged[12] ^ 0x55);
  for (const std::string& text : {std::string("x"), std::string(40, 'x'), gzip + gzip, damaged}) {
    EXPECT_EQ(ReasonOf(StatusOf(FrameOf(text, kCompressedFlag))), "NOT_GZIP");
  }
  // Where it ends elsewhere, what is there may pass for any size.
  EXPECT_FALSE(StatusOf(FrameOf(gzip + "x", kCompressedFlag)).ok());
  for (size_t size = 1; size < gzip.size(); ++size) {
    EXPECT_FALSE(StatusOf(FrameOf(gzip.substr(0, size), kCompressedFlag)).ok()) << size;
  }
}

TEST(MessageDecoderTest, RefusesFlagsThatNobodyAnnounced) {
  EXPECT_EQ(StatusOf(FrameOf("", 2)).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(StatusOf(FrameOf("", 0x80)).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(StatusOf(Compressed("abc"), {kLimit, /*gzip=*/false}).code(), absl::StatusCode::kInternal);
}

TEST(MessageDecoderTest, LeavesMessagesCompressedUntilThereIsRoom) {
  constexpr int kMessages = 10;
  const std::string frame = Compressed(std::string(kLimit, '\0'));
  std::string frames;
  for (int i = 0; i < kMessages; ++i) frames += frame;
  MessageDecoder decoder(kGzip);
  decoder.input().Append(frames);
  size_t made = 0;
  do {
    ByteQueue out;
    ASSERT_TRUE(decoder.Advance(out).ok());
    EXPECT_LE(out.size(), MessageDecoder::kEnough + 16 * 1024);
    made += out.size();
    ByteQueue full = out;
    ASSERT_TRUE(decoder.starved() || decoder.Advance(full).ok());
    EXPECT_EQ(full.size(), out.size()) << "there is no room for more";
  } while (!decoder.starved());
  EXPECT_EQ(made, kMessages * (kFrameHeadSize + kLimit));
}

TEST(MessageDecoderTest, MapsWhatIsNotProtobuf) {
  const MessageMap map = [](absl::string_view message, std::string& wire) {
    if (message == "bad") return absl::InvalidArgumentError("bad");
    wire = absl::AsciiStrToUpper(message);
    return absl::OkStatus();
  };
  EXPECT_EQ(Decoded(FrameOf("abc") + Compressed("def") + FrameOf(""), 1, {kLimit, /*gzip=*/true, map}),
            FrameOf("ABC") + FrameOf("DEF") + FrameOf(""));
  EXPECT_EQ(StatusOf(FrameOf("bad"), {kLimit, false, map}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(StatusOf(Compressed(std::string(kLimit + 1, 'x')), {kLimit, true, map}).code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace arasta::gateway
