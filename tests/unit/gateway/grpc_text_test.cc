// The small grammars of gRPC: timeouts, percent-coded messages, message frames, streamed base64.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/escaping.h"
#include "common/base/errors.h"
#include "services/gateway/base64_decoder.h"
#include "services/gateway/grpc_frames.h"
#include "services/gateway/grpc_status.h"
#include "services/gateway/grpc_timeout.h"

namespace arasta::gateway {
namespace {

using testing::Eq;

TEST(GrpcTimeoutTest, ReadsEveryUnit) {
  EXPECT_THAT(ParseGrpcTimeout("1H"), Eq(absl::Hours(1)));
  EXPECT_THAT(ParseGrpcTimeout("2M"), Eq(absl::Minutes(2)));
  EXPECT_THAT(ParseGrpcTimeout("30S"), Eq(absl::Seconds(30)));
  EXPECT_THAT(ParseGrpcTimeout("250m"), Eq(absl::Milliseconds(250)));
  EXPECT_THAT(ParseGrpcTimeout("99999999u"), Eq(absl::Microseconds(99'999'999)));
  EXPECT_THAT(ParseGrpcTimeout("7n"), Eq(absl::Nanoseconds(7)));
  EXPECT_THAT(ParseGrpcTimeout("0S"), Eq(absl::ZeroDuration()));
}

TEST(GrpcTimeoutTest, RefusesEverythingElse) {
  for (const char* text : {"", "1", "S", "1s", "1h", "-1S", "+1S", " 1S", "1S ", "1.5S", "1 S", "123456789S",
                           "0x1S", "1SS", "\xd9\xa1S", "1e3m"}) {
    EXPECT_THAT(ParseGrpcTimeout(text), Eq(absl::nullopt)) << text;
  }
}

TEST(GrpcTimeoutTest, WritesTheFinestUnitThatFits) {
  EXPECT_EQ(FormatGrpcTimeout(absl::Milliseconds(50)), "50000000n");
  EXPECT_EQ(FormatGrpcTimeout(absl::Seconds(5)), "5000000u");
  EXPECT_EQ(FormatGrpcTimeout(absl::Seconds(100)), "100000m");
  EXPECT_EQ(FormatGrpcTimeout(absl::Hours(24 * 365)), "31536000S");
  EXPECT_EQ(FormatGrpcTimeout(absl::Seconds(-1)), "0n");
  EXPECT_EQ(FormatGrpcTimeout(absl::InfiniteDuration()), "99999999H");
}

TEST(GrpcMessageTest, EscapesWhatHttpCantCarry) {
  EXPECT_EQ(PercentEncode("plain text: ok"), "plain text: ok");
  EXPECT_EQ(PercentEncode("100 %\r\n\xc3\xa4\x7f"), "100 %25%0D%0A%C3%A4%7F");
}

TEST(GrpcMessageTest, NeverFailsToRead) {
  EXPECT_EQ(PercentDecode("a%20b%c3%A4"), "a b\xc3\xa4");
  EXPECT_EQ(PercentDecode("100%"), "100%");
  EXPECT_EQ(PercentDecode("%4"), "%4");
  EXPECT_EQ(PercentDecode("%zz%%41"), "%zz%A");
}

TEST(GrpcStatusTest, HasItsDetailsInTheSameOrderEveryTime) {
  const auto details = [] {
    return std::string(*ToTrailers(InvalidField("sku", "is missing")).Find("grpc-status-details-bin"));
  };
  const std::string first = details();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(details(), first);
}

TEST(GrpcStatusTest, TellsWhatAnAnswerWithoutStatusMeans) {
  EXPECT_EQ(CodeFromHttpStatus(401), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(CodeFromHttpStatus(403), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(CodeFromHttpStatus(404), absl::StatusCode::kUnimplemented);
  for (const int status : {429, 502, 503, 504})
    EXPECT_EQ(CodeFromHttpStatus(status), absl::StatusCode::kUnavailable);
  for (const int status : {200, 302, 400, 500})
    EXPECT_EQ(CodeFromHttpStatus(status), absl::StatusCode::kUnknown);
  EXPECT_EQ(CodeFromReset(7), absl::StatusCode::kUnavailable);         // REFUSED_STREAM
  EXPECT_EQ(CodeFromReset(8), absl::StatusCode::kCancelled);           // CANCEL
  EXPECT_EQ(CodeFromReset(11), absl::StatusCode::kResourceExhausted);  // ENHANCE_YOUR_CALM
  for (const uint32_t error : {0u, 1u, 2u, 5u, 13u})
    EXPECT_EQ(CodeFromReset(error), absl::StatusCode::kInternal);
}

std::string Frame(uint8_t flags, const std::string& message) {
  const auto head = FrameHead(flags, static_cast<uint32_t>(message.size()));
  return std::string(head.data(), head.size()) + message;
}

TEST(FrameScannerTest, CountsMessagesThatComeInAnyPieces) {
  const std::string stream = Frame(0, "") + Frame(0, "abc") + Frame(0, std::string(300, 'x'));
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{7}, stream.size()}) {
    FrameScanner scanner(1000);
    for (size_t i = 0; i < stream.size(); i += piece) ASSERT_TRUE(scanner.Scan(stream.substr(i, piece)).ok());
    EXPECT_EQ(scanner.begun(), 3);
    EXPECT_TRUE(scanner.at_boundary());
  }
}

TEST(FrameScannerTest, KnowsWhenItIsWithinAMessage) {
  FrameScanner scanner(1000);
  const std::string frame = Frame(0, "abc");
  for (size_t i = 0; i + 1 < frame.size(); ++i) {
    ASSERT_TRUE(scanner.Scan(frame.substr(i, 1)).ok());
    EXPECT_FALSE(scanner.at_boundary());
  }
  ASSERT_TRUE(scanner.Scan("c").ok());
  EXPECT_TRUE(scanner.at_boundary());
}

TEST(FrameScannerTest, RefusesWhatIsTooLongOrNotAnnounced) {
  EXPECT_EQ(FrameScanner(10).Scan(Frame(0, std::string(11, 'x'))).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(FrameScanner(10).Scan(absl::string_view("\0\xff\xff\xff\xff", 5)).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(FrameScanner(10).Scan(Frame(1, "x")).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(FrameScanner(10).Scan(Frame(0x80, "x")).code(), absl::StatusCode::kInternal);
}

absl::optional<std::string> Decode(absl::string_view text, size_t piece) {
  Base64Decoder decoder;
  std::string out;
  for (size_t i = 0; i < text.size(); i += piece) {
    if (!decoder.Decode(text.substr(i, piece), out)) return absl::nullopt;
  }
  return decoder.Finish() ? absl::make_optional(out) : absl::nullopt;
}

TEST(Base64DecoderTest, ReadsPaddedTextsOneAfterTheOtherInAnyPieces) {
  const std::string text = absl::Base64Escape("a") + absl::Base64Escape("bc") + absl::Base64Escape("def") +
                           absl::Base64Escape("\xff\xfe+/");
  for (size_t piece = 1; piece <= text.size(); ++piece)
    EXPECT_THAT(Decode(text, piece), Eq("abcdef\xff\xfe+/"));
  EXPECT_THAT(Decode("", 1), Eq(""));
}

TEST(Base64DecoderTest, RefusesEverythingElse) {
  for (const char* text :
       {"A", "AA", "AAA", "AA=", "====", "A===", "AA=A", "A A=", "AA\n=", "AB==", "AAB=", "AA-_",
        "AAA="
        "A"}) {
    EXPECT_THAT(Decode(text, 3), Eq(absl::nullopt)) << text;
  }
}

}  // namespace
}  // namespace arasta::gateway
