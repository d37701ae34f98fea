#include "services/gateway/http1_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace arasta::gateway {
namespace {

// What a stream of bytes amounts to: "POST /x host [body]" per request, "needs more", or "bad 400".
std::vector<std::string> Read(absl::string_view stream, size_t piece) {
  Http1Parser parser({.max_target_bytes = 64, .max_head_bytes = 512});
  std::vector<std::string> seen;
  std::string body, head;
  while (!stream.empty()) {
    absl::string_view input = stream.substr(0, piece);
    stream.remove_prefix(input.size());
    for (bool more = true; more;) {
      switch (parser.Next(input)) {
        case Http1Parser::Event::kNeedMore:
          EXPECT_TRUE(input.empty());
          more = false;
          break;
        case Http1Parser::Event::kHead: {
          const HeaderBlock fields = parser.TakeFields();
          head = absl::StrCat(fields.Find(":method").value_or("?"), " ", fields.Find(":path").value_or("?"),
                              " ", fields.Find(":authority").value_or("?"));
          break;
        }
        case Http1Parser::Event::kData:
          absl::StrAppend(&body, parser.data());
          break;
        case Http1Parser::Event::kEnd:
          seen.push_back(absl::StrCat(head, " [", body, "]"));
          body.clear();
          more = !input.empty();
          break;
        case Http1Parser::Event::kBad:
          seen.push_back(absl::StrCat("bad ", parser.bad_status()));
          return seen;
      }
    }
  }
  if (!parser.idle()) seen.push_back("needs more");
  return seen;
}

struct Case {
  const char* name;
  // "\n" stands for CR LF, "^" for a bare CR, "_" for a bare LF, "~" for NUL.
  const char* stream;
  std::vector<std::string> seen;
};

class Http1ParserTest : public testing::TestWithParam<Case> {};

TEST_P(Http1ParserTest, ReadsTheSameInAnyPieces) {
  std::string stream = absl::StrReplaceAll(GetParam().stream, {{"\n", "\r\n"}, {"^", "\r"}, {"_", "\n"}});
  for (char& c : stream) c = c == '~' ? '\0' : c;
  EXPECT_EQ(Read(stream, stream.size()), GetParam().seen) << "in one piece";
  EXPECT_EQ(Read(stream, 1), GetParam().seen) << "byte by byte";
  EXPECT_EQ(Read(stream, 7), GetParam().seen) << "in sevens";
}

const char kLong[] =
    "GET /0123456789012345678901234567890123456789012345678901234567890123456789 HTTP/1.1\nHost: a\n\n";

// What must be read.
INSTANTIATE_TEST_SUITE_P(
    Accepts, Http1ParserTest,
    testing::ValuesIn(std::vector<Case>{
        {"Get", "GET / HTTP/1.1\nHost: a\n\n", {"GET / a []"}},
        {"HostWithPort", "GET / HTTP/1.1\nHost: a.example:8080\n\n", {"GET / a.example:8080 []"}},
        {"HostIpv6", "GET / HTTP/1.1\nHost: [::1]:80\n\n", {"GET / [::1]:80 []"}},
        {"EmptyHost", "GET / HTTP/1.1\nHost:\n\n", {"GET /  []"}},
        {"NamesInAnyCase", "GET / HTTP/1.1\nhOsT: a\n\n", {"GET / a []"}},
        {"BlanksAroundValue", "GET / HTTP/1.1\nHost: \t a \t\n\n", {"GET / a []"}},
        {"EmptyValue", "GET / HTTP/1.1\nHost: a\nX-Empty:\n\n", {"GET / a []"}},
        {"BytesAboveAscii", "GET / HTTP/1.1\nHost: a\nX: \xc3\xa4\n\n", {"GET / a []"}},
        {"TokenNames", "GET / HTTP/1.1\nHost: a\nX-!#$%&'*+.`|: 1\n\n", {"GET / a []"}},
        {"Query", "GET /a?b=c&d HTTP/1.1\nHost: a\n\n", {"GET /a?b=c&d a []"}},
        {"AbsoluteTarget", "GET http://b/x HTTP/1.1\nHost: a\n\n", {"GET /x b []"}},
        {"AbsoluteWithoutPath", "GET http://b HTTP/1.1\nHost: a\n\n", {"GET / b []"}},
        {"OptionsOfAll", "OPTIONS * HTTP/1.1\nHost: a\n\n", {"OPTIONS * a []"}},
        {"EmptyLineBefore", "\nGET / HTTP/1.1\nHost: a\n\n", {"GET / a []"}},
        {"Http10", "GET / HTTP/1.0\n\n", {"GET / ? []"}},
        {"Http10WithHost", "GET / HTTP/1.0\nHost: a\n\n", {"GET / a []"}},
        {"FixedBody", "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello", {"POST / a [hello]"}},
        {"LengthZero", "POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n", {"POST / a []"}},
        {"LengthWithZeros", "POST / HTTP/1.1\nHost: a\nContent-Length: 0003\n\nabc", {"POST / a [abc]"}},
        {"Chunks",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3\nabc\nA\n0123456789\n0\n\n",
         {"POST / a [abc0123456789]"}},
        {"ChunkedInAnyCase",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: Chunked\n\n0\n\n",
         {"POST / a []"}},
        {"ChunkSizeInAnyCase",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\nb\n0123456789x\n0\n\n",
         {"POST / a [0123456789x]"}},
        {"ChunkExtension",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3;q=\"v\"\nabc\n0\n\n",
         {"POST / a [abc]"}},
        {"ChunkTrailers",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0\nX: 1\nY: 2\n\n",
         {"POST / a []"}},
        {"Pipelined",
         "GET /1 HTTP/1.1\nHost: a\n\nPOST /2 HTTP/1.1\nHost: a\nContent-Length: 1\n\nxGET /3 "
         "HTTP/1.1\nHost: a\n\n",
         {"GET /1 a []", "POST /2 a [x]", "GET /3 a []"}},
        {"HeadCutOff", "GET / HTTP/1.1\nHost: a\n", {"needs more"}},
        {"BodyCutOff", "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhel", {"needs more"}},
    }),
    [](const auto& info) { return info.param.name; });

// What two parsers could read differently, and what is too much.
INSTANTIATE_TEST_SUITE_P(
    Refuses, Http1ParserTest,
    testing::ValuesIn(std::vector<Case>{
        {"LengthAndChunked",
         "POST / HTTP/1.1\nHost: a\nContent-Length: 3\nTransfer-Encoding: chunked\n\n0\n\n",
         {"bad 400"}},
        {"ChunkedAndLength",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nContent-Length: 3\n\n0\n\n",
         {"bad 400"}},
        {"TwoLengths", "POST / HTTP/1.1\nHost: a\nContent-Length: 3\nContent-Length: 4\n\nabc", {"bad 400"}},
        {"TwoEqualLengths",
         "POST / HTTP/1.1\nHost: a\nContent-Length: 3\nContent-Length: 3\n\nabc",
         {"bad 400"}},
        {"LengthList", "POST / HTTP/1.1\nHost: a\nContent-Length: 3, 3\n\nabc", {"bad 400"}},
        {"LengthSigned", "POST / HTTP/1.1\nHost: a\nContent-Length: +3\n\nabc", {"bad 400"}},
        {"LengthNegative", "POST / HTTP/1.1\nHost: a\nContent-Length: -3\n\nabc", {"bad 400"}},
        {"LengthHex", "POST / HTTP/1.1\nHost: a\nContent-Length: 0x3\n\nabc", {"bad 400"}},
        {"LengthWithSpace", "POST / HTTP/1.1\nHost: a\nContent-Length: 3 3\n\nabc", {"bad 400"}},
        {"LengthEmpty", "POST / HTTP/1.1\nHost: a\nContent-Length:\n\n", {"bad 400"}},
        {"LengthTooLong", "POST / HTTP/1.1\nHost: a\nContent-Length: 9999999999999999999\n\n", {"bad 400"}},
        {"EncodingGzip", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip\n\n", {"bad 400"}},
        {"EncodingGzipChunked",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked\n\n",
         {"bad 400"}},
        {"EncodingChunkedGzip",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked, gzip\n\n",
         {"bad 400"}},
        {"EncodingTwiceInOne",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked, chunked\n\n",
         {"bad 400"}},
        {"EncodingTwice",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n",
         {"bad 400"}},
        {"EncodingIdentity", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: identity\n\n", {"bad 400"}},
        {"EncodingWithTab",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: \x0b"
         "chunked\n\n",
         {"bad 400"}},
        {"EncodingQuoted", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: \"chunked\"\n\n", {"bad 400"}},
        {"EncodingInHttp10", "POST / HTTP/1.0\nHost: a\nTransfer-Encoding: chunked\n\n", {"bad 400"}},
        {"SpaceBeforeColon", "GET / HTTP/1.1\nHost : a\n\n", {"bad 400"}},
        {"TabBeforeColon", "POST / HTTP/1.1\nHost: a\nContent-Length\t: 3\n\nabc", {"bad 400"}},
        {"Folded", "GET / HTTP/1.1\nHost: a\nX: 1\n 2\n\n", {"bad 400"}},
        {"FoldedByTab", "GET / HTTP/1.1\nHost: a\nX: 1\n\t2\n\n", {"bad 400"}},
        {"SpaceBeforeFirstField", "GET / HTTP/1.1\n Host: a\n\n", {"bad 400"}},
        {"BareLineFeed", "GET / HTTP/1.1\nHost: a\nX: 1_Y: 2\n\n", {"bad 400"}},
        {"BareReturn", "GET / HTTP/1.1\nHost: a\nX: 1^Y: 2\n\n", {"bad 400"}},
        {"BareLineFeedInRequestLine", "GET / HTTP/1.1_Host: a\n\n", {"bad 400"}},
        {"OnlyBareLineFeeds", "GET / HTTP/1.1_Host: a__", {"bad 400"}},
        {"OnlyBareReturns", "GET / HTTP/1.1^Host: a^^", {"bad 400"}},
        {"BareLineFeedFirst", "_GET / HTTP/1.1\nHost: a\n\n", {"bad 400"}},
        {"BareLineFeedLast", "GET / HTTP/1.1\nHost: a\n_", {"bad 400"}},
        {"BareLineFeedInUnendedLine", "GET / HTTP/1.1\nHost: a\nX: 1_", {"bad 400"}},
        {"ReturnTwice", "GET / HTTP/1.1\nHost: a^^", {"bad 400"}},
        {"NulInUnendedLine", "GET / HTTP/1.1\nHost: a\nX: 1~", {"bad 400"}},
        {"DeleteInValue", "GET / HTTP/1.1\nHost: a\nX: 1\x7f\n\n", {"bad 400"}},
        {"EscapeInValue", "GET / HTTP/1.1\nHost: a\nX: \x1b[0m\n\n", {"bad 400"}},
        {"TabInRequestLine", "GET\t/ HTTP/1.1\nHost: a\n\n", {"bad 400"}},
        {"SpaceBeforeColonOfLength", "POST / HTTP/1.1\nHost: a\nContent-Length : 3\n\nabc", {"bad 400"}},
        {"SpaceBeforeColonOfEncoding",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding : chunked\n\n0\n\n",
         {"bad 400"}},
        {"FoldedEncoding", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding:\n chunked\n\n0\n\n", {"bad 400"}},
        {"FoldedAwayLength", "POST / HTTP/1.1\nHost: a\nX: 1\n Content-Length: 3\n\nabc", {"bad 400"}},
        {"LengthWithTrailingComma", "POST / HTTP/1.1\nHost: a\nContent-Length: 3,\n\nabc", {"bad 400"}},
        {"LengthTwiceInHttp10", "POST / HTTP/1.0\nContent-Length: 3\nContent-Length: 3\n\nabc", {"bad 400"}},
        {"EncodingEmpty", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding:\n\n0\n\n", {"bad 400"}},
        {"EncodingWithParameter",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked;q=1\n\n0\n\n",
         {"bad 400"}},
        {"Nul", "GET / HTTP/1.1\nHost: a\nX: 1~2\n\n", {"bad 400"}},
        {"NulInName", "GET / HTTP/1.1\nHost: a\nX~: 1\n\n", {"bad 400"}},
        {"NulInTarget", "GET /~ HTTP/1.1\nHost: a\n\n", {"bad 400"}},
        {"NoHost", "GET / HTTP/1.1\nX: 1\n\n", {"bad 400"}},
        {"TwoHosts", "GET / HTTP/1.1\nHost: a\nHost: a\n\n", {"bad 400"}},
        {"HostWithSlash", "GET / HTTP/1.1\nHost: a/b\n\n", {"bad 400"}},
        {"HostWithUser", "GET / HTTP/1.1\nHost: u@a\n\n", {"bad 400"}},
        {"HostList", "GET / HTTP/1.1\nHost: a, b\n\n", {"bad 400"}},
        {"FieldWithoutColon", "GET / HTTP/1.1\nHost: a\nnonsense\n\n", {"bad 400"}},
        {"FieldWithoutName", "GET / HTTP/1.1\nHost: a\n: 1\n\n", {"bad 400"}},
        {"PseudoField", "GET / HTTP/1.1\nHost: a\n:path: /admin\n\n", {"bad 400"}},
        {"NoTarget", "GET HTTP/1.1\nHost: a\n\n", {"bad 400"}},
        {"TwoSpaces", "GET  / HTTP/1.1\nHost: a\n\n", {"bad 400"}},
        {"SpaceInTarget", "GET /a b HTTP/1.1\nHost: a\n\n", {"bad 400"}},
        {"TrailingSpace", "GET / HTTP/1.1 \nHost: a\n\n", {"bad 400"}},
        {"Fragment", "GET /a#b HTTP/1.1\nHost: a\n\n", {"bad 400"}},
        {"RelativeTarget", "GET a HTTP/1.1\nHost: a\n\n", {"bad 400"}},
        {"AbsoluteWithoutHost", "GET http:///x HTTP/1.1\nHost: a\n\n", {"bad 400"}},
        {"MethodNoToken", "G(T / HTTP/1.1\nHost: a\n\n", {"bad 400"}},
        {"Version09", "GET /\n\n", {"bad 400"}},
        {"Version2", "GET / HTTP/2.0\nHost: a\n\n", {"bad 505"}},
        {"Version12", "GET / HTTP/1.2\nHost: a\n\n", {"bad 505"}},
        {"VersionInLowerCase", "GET / http/1.1\nHost: a\n\n", {"bad 400"}},
        {"Expectation", "GET / HTTP/1.1\nHost: a\nExpect: tea\n\n", {"bad 417"}},
        {"ChunkSizeEmpty", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n\n", {"bad 400"}},
        {"ChunkSizeNegative", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n-1\n", {"bad 400"}},
        {"ChunkSizePrefixed",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0x1\na\n",
         {"bad 400"}},
        {"ChunkSizeOverflow",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n100000000000000001\na\n",
         {"bad 400"}},
        {"ChunkSizeWithSpace",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1 \na\n",
         {"bad 400"}},
        {"ChunkSizeWithPlus", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n+1\na\n", {"bad 400"}},
        {"ChunkSizeNotHex", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\ng\n", {"bad 400"}},
        {"ChunkSizeOfNineDigits",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n000000001\na\n",
         {"bad 400"}},
        {"ChunkSizeAfterSpace",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n 1\na\n",
         {"bad 400"}},
        {"ChunkSizeWithNul", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1~", {"bad 400"}},
        {"ChunkSizeBareReturn", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1^a\n", {"bad 400"}},
        {"ChunkExtensionBareLineFeed",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1;x_a\n0\n\n",
         {"bad 400"}},
        {"ChunkEndBareLineFeed",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1\na_",
         {"bad 400"}},
        {"ChunkEndBareReturn", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1\na^0", {"bad 400"}},
        {"ChunkTrailerBareLineFeed",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0\nX: 1_",
         {"bad 400"}},
        {"ChunkTrailerEndBareLineFeed",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0\n_",
         {"bad 400"}},
        {"ChunkTrailerSpaceBeforeColon",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0\nX : 1\n\n",
         {"bad 400"}},
        {"ChunkTrailerWithoutColon",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0\nnonsense\n\n",
         {"bad 400"}},
        {"ChunkBareLineFeed",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1_a\n0\n\n",
         {"bad 400"}},
        {"ChunkTooLong", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1\nab\n0\n\n", {"bad 400"}},
        {"ChunkWithoutEnd", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1\na0\n\n", {"bad 400"}},
        {"ChunkTrailerFolded",
         "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0\nX: 1\n 2\n\n",
         {"bad 400"}},
        {"TargetTooLong", kLong, {"bad 414"}},
        {"TooManyFields",
         "GET / HTTP/1.1\nHost: a\nA:1\nB:1\nC:1\nD:1\nE:1\nF:1\nG:1\nH:1\nI:1\nJ:1\nK:1\nL:1\nM:1\n\n",
         {"bad 431"}},
        {"SecondOneBad",
         "GET /1 HTTP/1.1\nHost: a\n\nGET /2 HTTP/1.1\nHost : a\n\n",
         {"GET /1 a []", "bad 400"}},
    }),
    [](const auto& info) { return info.param.name; });

TEST(Http1ParserLimitTest, RefusesAHeadWithoutEnd) {
  EXPECT_THAT(Read(absl::StrCat("GET / HTTP/1.1\r\nX: ", std::string(4200, 'x')), 50),
              testing::ElementsAre("bad 431"));
  EXPECT_THAT(Read(std::string(600, 'G'), 50), testing::ElementsAre("bad 414"));
}

TEST(Http1ParserLimitTest, KeepsOfALargeHeadWhatDecidesTheProtocol) {
  Http1Parser parser({.max_head_bytes = 512});
  const std::string head =
      absl::StrCat("POST /x HTTP/1.1\r\nHost: a\r\nX: ", std::string(3000, 'x'),
                   "\r\nContent-Type: application/grpc-web\r\nOrigin: https://a\r\n\r\n");
  absl::string_view input = head;
  ASSERT_EQ(parser.Next(input), Http1Parser::Event::kBad);
  EXPECT_EQ(parser.bad_status(), 431);
  const HeaderBlock fields = parser.TakeFields();
  EXPECT_EQ(fields.Find("content-type"), "application/grpc-web");
  EXPECT_EQ(fields.Find("origin"), "https://a");
  EXPECT_EQ(fields.Find("x"), absl::nullopt);
}

TEST(Http1ParserLimitTest, RefusesChunkLinesAndTrailersWithoutEnd) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(Read(absl::StrCat(head, "1;x=", std::string(300, 'x')), 50), testing::ElementsAre("bad 400"));
  std::string trailers;
  for (int i = 0; i < 100; ++i) trailers += "X: 12345\r\n";
  EXPECT_THAT(Read(absl::StrCat(head, "0\r\n", trailers), 50), testing::ElementsAre("bad 431"));
}

TEST(Http1ParserConnectionTest, KnowsWhetherTheConnectionStays) {
  struct Row {
    const char* head;
    bool keep_alive;
  };
  for (const Row& row : std::vector<Row>{{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
                                         {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
                                         {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", false},
                                         {"GET / HTTP/1.0\r\n\r\n", false},
                                         {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true}}) {
    Http1Parser parser{Http1Limits()};
    absl::string_view input = row.head;
    ASSERT_EQ(parser.Next(input), Http1Parser::Event::kHead) << row.head;
    EXPECT_EQ(parser.keep_alive(), row.keep_alive) << row.head;
  }
}

}  // namespace
}  // namespace arasta::gateway
