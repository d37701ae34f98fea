// Answers to clients that take gzip: unary ones of Connect as HTTP has it, streams message by message.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "services/gateway/grpc_frames.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/integration/gateway/http_client.h"
#include "tests/support/gzip.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Gunzip;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;

class CompressedAnswersTest : public GatewayTest, public ::testing::WithParamInterface<bool> {
 protected:
  HttpResponse Call(const std::string& method, std::vector<std::string> fields,
                    const std::string& body) const {
    fields.emplace_back("expect:");
    return Fetch({.url = absl::StrCat("http://", address(), "/grpc.testing.TestService/", method),
                  .fields = std::move(fields),
                  .body = body,
                  .http2 = GetParam()});
  }
};

INSTANTIATE_TEST_SUITE_P(Everywhere, CompressedAnswersTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Http2" : "Http1"; });

TEST_P(CompressedAnswersTest, OfUnaryCalls) {
  SimpleRequest request;
  request.set_response_size(70'000);
  const HttpResponse response =
      Call("UnaryCall", {"content-type: application/proto", "accept-encoding: br, gzip"},
           request.SerializeAsString());
  EXPECT_EQ(response.Field("content-encoding"), "gzip");
  EXPECT_LT(response.body.size(), 1000u);
  SimpleResponse message;
  ASSERT_TRUE(message.ParseFromString(Gunzip(response.body)));
  EXPECT_EQ(message.payload().body().size(), 70'000u);
}

TEST_P(CompressedAnswersTest, OfStreams) {
  StreamingOutputCallRequest request;
  for (const int size : {10, 70'000, 1 << 20, 0, 2000}) request.add_response_parameters()->set_size(size);
  const HttpResponse response = Call(
      "StreamingOutputCall", {"content-type: application/connect+proto", "connect-accept-encoding: gzip"},
      GrpcFrame(request.SerializeAsString()));
  EXPECT_EQ(response.Field("connect-content-encoding"), "gzip");
  absl::string_view body = response.body;
  for (const auto& expected : request.response_parameters()) {
    const auto frame = FirstFrame(body, 1 << 30);
    ASSERT_TRUE(frame.ok() && frame->has_value());
    const bool compressed = expected.size() == 70'000 || expected.size() == 2000;
    EXPECT_EQ((*frame)->flags, compressed ? 1 : 0) << expected.size();
    const std::string bytes((*frame)->message);
    StreamingOutputCallResponse message;
    ASSERT_TRUE(message.ParseFromString(compressed ? Gunzip(bytes) : bytes));
    EXPECT_EQ(static_cast<int>(message.payload().body().size()), expected.size());
    body.remove_prefix((*frame)->size());
  }
  EXPECT_EQ(body, GrpcFrame("{\"metadata\":{}}", 2));
}

}  // namespace
}  // namespace arasta::gateway
