// The whole table of HTTP/1.1 requests, over a socket.
#include "tests/unit/gateway/http1_cases.h"

#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/raw_client.h"

namespace arasta::gateway {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

const char kLast[] = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

// The status codes of the answers in `bytes`.
std::vector<int> StatusesIn(const std::string& bytes) {
  std::vector<int> statuses;
  for (const absl::string_view part : absl::StrSplit(bytes, "HTTP/1.1 ")) {
    int status = 0;
    if (absl::SimpleAtoi(part.substr(0, 3), &status)) statuses.push_back(status);
  }
  return statuses;
}

// No path of the table is served, so every request that is one is answered 404.
std::vector<int> StatusesFor(const Http1Case& row) {
  std::vector<int> statuses;
  for (const std::string& seen : row.seen) {
    int status = 404;
    absl::string_view code = seen;
    if (absl::ConsumePrefix(&code, "bad ")) status = absl::SimpleAtoi(code, &status) ? status : 0;
    statuses.push_back(status);
  }
  return statuses;
}

class Http1CasesTest : public GatewayTest {
 protected:
  std::string AnswersTo(const std::string& bytes) {
    RawClient client(port());
    client.Send(bytes);
    return client.ReadToEnd();
  }
};

// One answer to each request and one to what is none, and then nothing more, whatever follows it.
TEST_F(Http1CasesTest, WhatIsRefusedEndsTheConnection) {
  for (const Http1Case& row : RefusedByHttp1()) {
    const std::string answers = AnswersTo(Http1Bytes(row.stream) + kLast);
    EXPECT_THAT(StatusesIn(answers), ElementsAreArray(StatusesFor(row))) << row.name;
    EXPECT_THAT(answers, HasSubstr("connection: close\r\n")) << row.name;
    EXPECT_THAT(answers, HasSubstr("content-type: application/json\r\n")) << row.name;
  }
}

TEST_F(Http1CasesTest, WhatIsAcceptedLeavesTheConnectionToTheNext) {
  for (const Http1Case& row : AcceptedByHttp1()) {
    if (row.seen == std::vector<std::string>{"needs more"}) continue;
    std::vector<int> expected = StatusesFor(row);
    const bool stays = !absl::StrContains(row.stream, "HTTP/1.0");
    if (stays) expected.push_back(404);
    EXPECT_THAT(StatusesIn(AnswersTo(Http1Bytes(row.stream) + kLast)), ElementsAreArray(expected))
        << row.name;
  }
}

class SlowHttp1Test : public Http1CasesTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    config.limits.head_timeout_ns = 200'000'000;
    config.limits.idle_timeout_ns = 400'000'000;
  }
};

TEST_F(SlowHttp1Test, IsNotWaitedForLong) {
  const std::string request = "GET /last HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_THAT(StatusesIn(AnswersTo(request.substr(0, 20))), ElementsAreArray({408}));
  EXPECT_THAT(StatusesIn(AnswersTo(request + "GET ")), ElementsAreArray({404, 408}));
  EXPECT_THAT(StatusesIn(AnswersTo(request)), ElementsAreArray({404})) << "and closed when idle";
  EXPECT_EQ(AnswersTo("\r\n\r\n"), "");
}

}  // namespace
}  // namespace arasta::gateway
