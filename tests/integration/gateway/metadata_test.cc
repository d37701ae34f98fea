// Whatever one client writes into the head of a call, the calls of others on the same backend connection go
// on.
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/bystander.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"

namespace arasta::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

const char kUnary[] = "/grpc.testing.TestService/UnaryCall";
const char kOk[] = "0";
const char kInvalid[] = "3";
const char kUnknownMethod[] = "12";
const char kUnauthenticated[] = "16";
const char kResourceExhausted[] = "8";
// Not HTTP/2: the client's stream is reset.
const char kReset[] = "";

struct Row {
  Http2Client::Fields fields;
  std::string status;
};

std::string Repeat(size_t count, const std::string& text) {
  std::string all;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&all, text);
  return all;
}

Http2Client::Fields Many(size_t count, const std::string& name) {
  Http2Client::Fields fields;
  for (size_t i = 0; i < count; ++i) fields.emplace_back(absl::StrCat(name, i), "");
  return fields;
}

std::vector<Row> Rows() {
  return {
      // Binary metadata.
      {{{"foo-bin", "@@@"}}, kInvalid},
      {{{"foo-bin", "A"}}, kInvalid},
      {{{"foo-bin", "AAA=A"}}, kInvalid},
      {{{"foo-bin", "AB"}}, kInvalid},
      {{{"foo-bin", "A==="}}, kInvalid},
      {{{"foo-bin", "AA-_"}}, kInvalid},
      {{{"foo-bin", "AAAA AAAA"}}, kInvalid},
      {{{"foo-bin", "AAAA,@"}}, kInvalid},
      {{{"foo-bin", "\xff"}}, kInvalid},
      {{{"-bin", "x"}}, kInvalid},
      {{{"foo-bin", ""}}, kOk},
      {{{"foo-bin", ",,"}}, kOk},
      {{{"foo-bin", "AA"}}, kOk},
      {{{"foo-bin", "AA=="}}, kOk},
      {{{"foo-bin", "AAA="}}, kOk},
      {{{"foo-bin", "="}}, kOk},
      {{{"foo-bin", "AA== , AAAA\t,AAA"}}, kOk},
      {{{"foo-bin", std::string(1000, ',')}}, kResourceExhausted},
      {{{Repeat(30, "long") + "-bin", Repeat(40, "AA,") + "AA"}}, kResourceExhausted},
      // Bytes and names that gRPC itself would not send.
      {{{"foo", "\xff\x80"}}, kOk},
      {{{"foo", "a\tb"}}, kOk},
      {{{"foo", ""}}, kOk},
      {{{"foo!|#x", "y"}}, kOk},
      {{{"user-agent", "\xff"}}, kOk},
      {{{"authorization", "\xff"}}, kUnauthenticated},
      {{{"tracestate", "\x80"}}, kOk},
      {{{"traceparent", "00-\xff"}}, kOk},
      {{{"x-request-id", "\xff"}}, kOk},
      {{{"foo", "a\x01"}}, kReset},
      // What gRPC keeps to itself.
      {{{"grpc-status", "zz"}}, kOk},
      {{{"grpc-message", "%zz"}}, kOk},
      {{{"grpc-status-details-bin", "!"}}, kOk},
      {{{"grpc-trace-bin", "@"}}, kOk},
      {{{"grpc-tags-bin", "@"}}, kOk},
      {{{"grpc-server-stats-bin", "~"}}, kOk},
      {{{"grpc-retry-pushback-ms", "x"}}, kOk},
      {{{"grpc-previous-rpc-attempts", "x"}}, kOk},
      {{{"grpc-internal-encoding-request", "gzip"}}, kOk},
      {{{"grpc-internal-stream-encoding-request", "gzip"}}, kOk},
      {{{"grpc-accept-encoding", "nope,\xff"}}, kOk},
      {{{"lb-token", "x"}}, kOk},
      {{{"lb-cost-bin", "x"}}, kInvalid},
      {{{"x-endpoint-load-metrics-bin", "@"}}, kInvalid},
      {{{"content-encoding", "gzip"}}, kOk},
      // The head's own fields.
      {{{"content-type", "application/grpc; \xff"}}, kOk},
      {{{"content-type", "Application/GRPC+proto"}}, kOk},
      {{{"grpc-timeout", "1x"}}, kInvalid},
      {{{"grpc-timeout", "99999999H"}}, kOk},
      {{{":path", absl::StrCat(kUnary, "?a=b")}}, kUnknownMethod},
      {{{":path", absl::StrCat(kUnary, "/")}}, kUnknownMethod},
      {{{":path", "*"}}, kReset},
      {{{":scheme", "ftp"}}, kOk},
      {{{":authority", ""}}, kReset},
      {{{":authority", "[::%$&;"}}, kOk},
      {{{":authority", "\xff"}}, kReset},
      {{{":authority", "a b@[::"}}, kReset},
      {{{"host", "other"}}, kOk},
      {{{":unknown", "x"}}, kReset},
      {{{"te", "gzip"}}, kReset},
      {{{"connection", "close"}}, kReset},
      {{{"transfer-encoding", "chunked"}}, kReset},
      {{{"content-length", "99"}}, kReset},
      {{{"cookie", std::string(3000, 'a')}}, kOk},
      {Many(130, "m"), kOk},
      {Many(1000, "m"), kResourceExhausted},
      {{{"foo", std::string(5500, 'a')}}, kOk},
      {{{"traceparent", std::string(5500, 'a')}}, kOk},
      {{{"content-type", "application/grpc;" + std::string(5500, 'a')}}, kOk},
  };
}

class MetadataTest : public GatewayTest {};

TEST_F(MetadataTest, OfOneCallHurtsNoOther) {
  Bystander bystander(NewStub());
  ASSERT_TRUE(bystander.Answers());
  for (const Row& row : Rows()) {
    const std::string what =
        absl::StrCat(row.fields.front().first, ": ", absl::CEscape(row.fields.front().second));
    Http2Client client(port());
    EXPECT_EQ(client.Await(client.Send(kUnary, GrpcFrame(""), row.fields)).Field("grpc-status"), row.status)
        << what;
    ASSERT_TRUE(bystander.Answers()) << what;
  }
}

TEST_F(MetadataTest, BinaryValuesJoinedByCommasArriveApart) {
  Http2Client client(port());
  const Http2Client::Fields joined = {{"foo-bin", "AA==, Yg,,"}};
  EXPECT_EQ(client.Await(client.Send(kUnary, GrpcFrame(""), joined)).Field("grpc-status"), kOk);
  const auto [first, last] = service().last_metadata.equal_range("foo-bin");
  std::vector<std::string> values;
  for (auto it = first; it != last; ++it) values.push_back(it->second);
  EXPECT_THAT(values, UnorderedElementsAre(std::string(1, '\0'), "b", "", ""));
}

TEST_F(MetadataTest, ThatIsNotBase64IsRefusedByName) {
  Http2Client client(port());
  const Http2Client::Fields fields = {{"foo-bin", "@"}};
  const Http2Answer& answer = client.Await(client.Send(kUnary, GrpcFrame(""), fields));
  EXPECT_THAT(answer.Field("grpc-message"), HasSubstr("foo-bin"));
  EXPECT_EQ(service().calls, 0);
}

// gRPC lets them stand there, HTTP's own clients take the answer for none.
TEST_F(MetadataTest, LosesTheSpacesAroundItOnItsWayToABrowser) {
  Http2Client client(port());
  const Http2Client::Fields fields = {{"content-type", "application/grpc-web"}, {"x-echo", " a b  "}};
  const Http2Answer& answer = client.Await(client.Send(kUnary, GrpcFrame(""), fields));
  EXPECT_EQ(answer.Field("x-echo"), "a b");
  EXPECT_THAT(answer.body, HasSubstr("grpc-status:0"));
}

// Clients that retry say so.
TEST_F(MetadataTest, OfGrpcsRetriesIsFine) {
  Http2Client client(port());
  const Http2Client::Fields fields = {{"grpc-previous-rpc-attempts", "2"}};
  EXPECT_EQ(client.Await(client.Send(kUnary, GrpcFrame(""), fields)).Field("grpc-status"), kOk);
}

}  // namespace
}  // namespace arasta::gateway
