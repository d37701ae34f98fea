// Which spans the gateway tells of calls that never reach a backend.
#include <gmock/gmock.h>

#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/http_client.h"
#include "tests/support/recorded_spans.h"

namespace arasta::gateway {
namespace {

using arasta::testing::AttributeOf;
using arasta::testing::RecordedSpans;

const char kEmptyCall[] = "/grpc.testing.TestService/EmptyCall";
const char kTheirs[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class SpansTest : public GatewayTest {
 protected:
  // All of them, which ends the gateway.
  std::vector<trace::SpanRecord> Take() {
    gateway_.reset();
    return recorded_.Take();
  }

 private:
  RecordedSpans recorded_;
};

TEST_F(SpansTest, AreToldOfCallsThatTheGatewayRefuses) {
  Http2Client client(port());
  const auto call = [&](const std::string& path, Http2Client::Fields fields) {
    fields.emplace_back("traceparent", kTheirs);
    client.Await(client.Send(path, GrpcFrame(""), fields));
  };
  call("/grpc.testing.TestService/Nothing", {});
  call("/grpc.testing.TestService/Nothing", {{"content-type", "text/plain"}});
  call(kEmptyCall, {{"content-type", "text/plain"}});
  call(kEmptyCall, {{"content-type", "application/proto"}, {"authorization", "Bearer nonsense"}});
  std::set<std::tuple<std::string, std::string, std::string>> told;
  for (const trace::SpanRecord& span : Take()) {
    ASSERT_TRUE(span.parent.has_value());
    EXPECT_EQ(span.parent->ToTraceparent(), kTheirs);
    EXPECT_EQ(AttributeOf(span, "arasta.ended_by"), "local");
    told.emplace(span.name, AttributeOf(span, "http.response.status_code"),
                 AttributeOf(span, "rpc.grpc.status_code"));
  }
  const std::string name = "grpc.testing.TestService/EmptyCall";
  EXPECT_THAT(told,
              ::testing::ElementsAre(std::tuple(name, "401", "16"), std::tuple(name, "415", "2"),
                                     std::tuple("unknown", "200", "12"), std::tuple("unknown", "404", "5")));
  EXPECT_EQ(service().calls, 0);
}

TEST_F(SpansTest, AreNotToldOfPagesAndPreflights) {
  const std::string url = absl::StrCat("http://", address());
  EXPECT_EQ(Fetch({.url = url + "/docs", .method = "GET"}).status, 200);
  EXPECT_EQ(Fetch({.url = url + kEmptyCall,
                   .method = "OPTIONS",
                   .fields = {"origin: https://shop.example", "access-control-request-method: POST"}})
                .status,
            204);
  EXPECT_TRUE(Take().empty());
}

}  // namespace
}  // namespace arasta::gateway
