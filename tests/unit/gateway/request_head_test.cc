#include "services/gateway/request_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace arasta::gateway {
namespace {

HeaderBlock Fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  HeaderBlock block;
  for (const auto& [name, value] : fields) block.Add(name, value);
  return block;
}

std::vector<std::string> Lines(const HeaderBlock& block) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < block.size(); ++i) lines.push_back(absl::StrCat(block[i].name, "=", block[i].value));
  return lines;
}

TEST(RequestHeadTest, KeepsMetadataInOrderWithDuplicates) {
  const HeaderBlock fields = Fields({{":method", "POST"},
                                     {":path", "/a/B"},
                                     {":authority", "h"},
                                     {"te", "trailers"},
                                     {"x", "1"},
                                     {"y", "2"},
                                     {"x", "3"},
                                     {"content-type", "application/grpc"},
                                     {"grpc-timeout", "9S"},
                                     {"content-length", "5"}});
  const HeaderBlock head =
      ToBackendHead(fields, RequestHead::Of(fields),
                    {.path = "/a/B", .content_type = "application/grpc", .grpc_timeout = "8S"});
  EXPECT_THAT(Lines(head), testing::ElementsAre(":method=POST", ":scheme=http", ":path=/a/B", ":authority=h",
                                                "te=trailers", "content-type=application/grpc",
                                                "grpc-timeout=8S", "x=1", "y=2", "x=3"));
}

TEST(RequestHeadTest, WritesBinaryMetadataAsGrpcDoes) {
  const HeaderBlock fields = Fields({{":path", "/"}, {"x-bin", "AA==, AAA=,,AAAA"}, {"y-bin", ""}});
  ASSERT_TRUE(CheckMetadata(fields, /*from_browser=*/false).ok());
  const HeaderBlock head = ToBackendHead(fields, RequestHead::Of(fields), {});
  std::vector<std::string> lines = Lines(head);
  lines.erase(lines.begin(), lines.begin() + 6);
  EXPECT_THAT(lines, testing::ElementsAre("x-bin=AA", "x-bin=AAA", "x-bin=", "x-bin=AAAA", "y-bin="));
}

TEST(RequestHeadTest, ForwardsTracestateOnlyWithTheTraceThatItIsOf) {
  const HeaderBlock fields = Fields({{":path", "/"}, {"traceparent", "theirs"}, {"tracestate", "a=1"}});
  const RequestHead client = RequestHead::Of(fields);
  EXPECT_THAT(Lines(ToBackendHead(fields, client, {.traceparent = "ours", .continues_trace = true})),
              testing::IsSupersetOf({"traceparent=ours", "tracestate=a=1"}));
  const HeaderBlock anew = ToBackendHead(fields, client, {.traceparent = "ours"});
  EXPECT_EQ(anew.Find("traceparent"), "ours");
  EXPECT_FALSE(anew.Find("tracestate"));
}

TEST(RequestHeadTest, ForwardsNothingOfGrpcsOwn) {
  const HeaderBlock fields = Fields({{":path", "/"},
                                     {"grpc-encoding", "identity"},
                                     {"grpc-accept-encoding", "identity"},
                                     {"grpc-status", "0"},
                                     {"grpc-status-details-bin", "@"},
                                     {"grpc-previous-rpc-attempts", "1"},
                                     {"grpc-internal-encoding-request", "gzip"}});
  EXPECT_TRUE(CheckMetadata(fields, /*from_browser=*/false).ok());
  const RequestHead parsed = RequestHead::Of(fields);
  EXPECT_EQ(ToBackendHead(fields, parsed, {.from_browser = true}).size(), 6u);
  EXPECT_EQ(ToBackendHead(fields, parsed, {.from_browser = false}).size(), 6u + 1u);
}

TEST(RequestHeadTest, LetsNobodyElseSayWhoSomebodyIs) {
  const HeaderBlock fields = Fields({{":path", "/"},
                                     {"x-forwarded-for", "6.6.6.6"},
                                     {"forwarded", "for=6"},
                                     {"x-real-ip", "6"},
                                     {"x-user-id", "1"},
                                     {"x-arasta-peer", "order"},
                                     {"x-forwarded-client-cert", "x"}});
  const HeaderBlock head = ToBackendHead(fields, RequestHead::Of(fields), {.client_address = "10.0.0.1"});
  EXPECT_THAT(Lines(head), testing::IsSupersetOf({"x-forwarded-for=10.0.0.1"}));
  EXPECT_EQ(head.size(), 7u);
}

TEST(RequestHeadTest, DropsABrowsersOwnFieldsOnlyForBrowsers) {
  const HeaderBlock fields = Fields({{":path", "/"},
                                     {"cookie", "a"},
                                     {"origin", "b"},
                                     {"sec-fetch-mode", "cors"},
                                     {"accept", "*/*"},
                                     {"x", "1"}});
  const RequestHead parsed = RequestHead::Of(fields);
  EXPECT_EQ(ToBackendHead(fields, parsed, {.from_browser = true}).size(), 6u + 1u);
  EXPECT_EQ(ToBackendHead(fields, parsed, {.from_browser = false}).size(), 6u + 5u);
}

TEST(RequestHeadTest, KeepsTokensOutOfTheCompressionTable) {
  const HeaderBlock fields = Fields({{":path", "/"}, {"authorization", "Bearer x"}});
  const HeaderBlock head = ToBackendHead(fields, RequestHead::Of(fields), {});
  for (size_t i = 0; i < head.size(); ++i) {
    EXPECT_EQ(head[i].indexing == Indexing::kNever, head[i].name == "authorization") << head[i].name;
  }
}

TEST(CheckMetadataTest, DoesNotCountTheQueryThatNoBackendGets) {
  const std::string path = "/m?message=" + std::string(7000, 'x');
  EXPECT_TRUE(CheckMetadata(Fields({{":path", path}}), true).ok());
  EXPECT_FALSE(CheckMetadata(Fields({{"x-message", path}}), true).ok());
}

TEST(CheckMetadataTest, DoesNotCountWhatABrowserTellsNoBackend) {
  const HeaderBlock fields = Fields({{":path", "/m"}, {"cookie", std::string(7000, 'x')}});
  EXPECT_TRUE(CheckMetadata(fields, /*from_browser=*/true).ok());
  EXPECT_FALSE(CheckMetadata(fields, /*from_browser=*/false).ok());
}

TEST(ToBackendHeadTest, KeepsConnectsOwnFieldsFromTheBackend) {
  const HeaderBlock fields = Fields({{":path", "/m"},
                                     {"connect-protocol-version", "1"},
                                     {"connect-timeout-ms", "1"},
                                     {"connect-content-encoding", "gzip"},
                                     {"connect-accept-encoding", "gzip"},
                                     {"content-encoding", "gzip"},
                                     {"x-own", "1"}});
  BackendHeadAdditions additions;
  additions.from_browser = true;
  const HeaderBlock head = ToBackendHead(fields, RequestHead::Of(fields), additions);
  EXPECT_FALSE(head.Find("connect-protocol-version"));
  EXPECT_FALSE(head.Find("connect-timeout-ms"));
  EXPECT_FALSE(head.Find("connect-content-encoding"));
  EXPECT_FALSE(head.Find("connect-accept-encoding"));
  EXPECT_FALSE(head.Find("content-encoding"));
  EXPECT_TRUE(head.Find("x-own"));
}

}  // namespace
}  // namespace arasta::gateway
