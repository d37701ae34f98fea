#include "services/gateway/http1_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/unit/gateway/http1_cases.h"

namespace arasta::gateway {
namespace {

// What a stream of bytes amounts to, in the words of Http1Case::seen.
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

class Http1ParserTest : public testing::TestWithParam<Http1Case> {};

TEST_P(Http1ParserTest, ReadsTheSameInAnyPieces) {
  const std::string stream = Http1Bytes(GetParam().stream);
  std::vector<std::string> seen = GetParam().seen;
  for (std::string& text : seen) text = absl::StrContains(text, '[') ? Http1Bytes(text.c_str()) : text;
  EXPECT_EQ(Read(stream, stream.size()), seen) << "in one piece";
  EXPECT_EQ(Read(stream, 1), seen) << "byte by byte";
  EXPECT_EQ(Read(stream, 7), seen) << "in sevens";
}

const char kLong[] =
    "GET /0123456789012345678901234567890123456789012345678901234567890123456789 HTTP/1.1\nHost: a\n\n";

constexpr auto kNameOf = [](const auto& info) { return info.param.name; };

INSTANTIATE_TEST_SUITE_P(Accepts, Http1ParserTest, testing::ValuesIn(AcceptedByHttp1()), kNameOf);
INSTANTIATE_TEST_SUITE_P(Refuses, Http1ParserTest, testing::ValuesIn(RefusedByHttp1()), kNameOf);
INSTANTIATE_TEST_SUITE_P(
    Limits, Http1ParserTest,
    testing::ValuesIn(std::vector<Http1Case>{
        {"TargetTooLong", kLong, {"bad 414"}},
        {"TooManyFields",
         "GET / HTTP/1.1\nHost: a\nA:1\nB:1\nC:1\nD:1\nE:1\nF:1\nG:1\nH:1\nI:1\nJ:1\nK:1\nL:1\nM:1\n\n",
         {"bad 431"}},
    }),
    kNameOf);

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
