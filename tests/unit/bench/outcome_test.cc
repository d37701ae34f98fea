#include "tests/bench/load/outcome.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace arasta::bench {
namespace {

std::string Frame(char flags, const std::string& content) {
  return absl::StrCat(std::string({flags, 0, 0, 0, static_cast<char>(content.size())}), content);
}

Outcome Answered(Protocol protocol, const char* http_status = "200") {
  Outcome outcome(protocol);
  outcome.OnHttpStatus(http_status);
  return outcome;
}

TEST(OutcomeTest, GrpcSaysItInTheTrailersOrTheHead) {
  Outcome outcome = Answered(Protocol::kGrpc);
  outcome.OnField("content-type", "application/grpc");
  EXPECT_EQ(outcome.Code(), kNoStatus);
  outcome.OnField("grpc-status", "0");
  EXPECT_EQ(outcome.Code(), kOk);
  outcome.OnField("grpc-status", "14");
  EXPECT_EQ(outcome.Code(), 14);
  outcome.OnField("grpc-status", "fine");
  EXPECT_EQ(outcome.Code(), kBroken);
}

TEST(OutcomeTest, AnHttpErrorIsNoSuccess) {
  Outcome outcome = Answered(Protocol::kGrpc, "502");
  EXPECT_EQ(outcome.Code(), kNoStatus);
  outcome.OnField("grpc-status", "0");
  EXPECT_EQ(outcome.Code(), kHttp + 502);
}

TEST(OutcomeTest, ABodyOfGrpcIsNotLookedInto) {
  Outcome outcome = Answered(Protocol::kGrpc);
  outcome.OnBody(Frame('\x80', "grpc-status:0\r\n"));
  EXPECT_EQ(outcome.Code(), kNoStatus);
}

TEST(OutcomeTest, GrpcWebSaysItInTheLastFrameInAnyPieces) {
  const std::string body = Frame(0, "a message with grpc-status:0\r\n in it") +
                           Frame('\x80', "grpc-message:no\r\nGrpc-Status: 7\r\n");
  for (size_t piece = 1; piece <= body.size(); ++piece) {
    Outcome outcome = Answered(Protocol::kGrpcWeb);
    for (size_t at = 0; at < body.size(); at += piece)
      outcome.OnBody(absl::string_view(body).substr(at, piece));
    EXPECT_EQ(outcome.Code(), 7) << piece;
  }
}

TEST(OutcomeTest, GrpcWebWithoutATrailerFrameIsNoSuccess) {
  Outcome outcome = Answered(Protocol::kGrpcWeb);
  outcome.OnBody(Frame(0, "message"));
  outcome.OnBody(Frame('\x80', "grpc-status:0\r\n").substr(0, 12));
  EXPECT_EQ(outcome.Code(), kNoStatus);
}

TEST(OutcomeTest, GrpcWebTakesEmptyMessages) {
  Outcome outcome = Answered(Protocol::kGrpcWeb);
  outcome.OnBody(Frame(0, "") + Frame('\x80', "grpc-status:0\r\n"));
  EXPECT_EQ(outcome.Code(), kOk);
}

TEST(OutcomeTest, JsonSaysItByHttp) {
  EXPECT_EQ(Answered(Protocol::kJson, "200").Code(), kOk);
  EXPECT_EQ(Answered(Protocol::kJson, "204").Code(), kOk);
  EXPECT_EQ(Answered(Protocol::kJson, "404").Code(), kHttp + 404);
  EXPECT_EQ(Outcome(Protocol::kJson).Code(), kHttp);
}

}  // namespace
}  // namespace arasta::bench
