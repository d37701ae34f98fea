// Requests that are compressed: the gateway inflates them, and backends never see it.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/support/gzip.h"
#include "tests/support/resident.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Gzip;
using arasta::testing::ResidentBytes;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::StreamingInputCallRequest;
using grpc::testing::StreamingInputCallResponse;
using ::testing::HasSubstr;

const char kUnary[] = "/grpc.testing.TestService/UnaryCall";
const Http2Client::Fields kGzip = {{"grpc-encoding", "gzip"}};

SimpleRequest RequestOf(size_t size) {
  SimpleRequest request;
  request.mutable_payload()->set_body(std::string(size, '\0'));
  request.set_response_size(3);
  return request;
}

std::string CompressedFrame(const google::protobuf::Message& message) {
  return GrpcFrame(Gzip(message.SerializeAsString()), 1);
}

class CompressionTest : public GatewayTest {
 protected:
  std::string StatusOf(const std::string& body, const Http2Client::Fields& more) {
    Http2Client client(port());
    return client.Await(client.Send(kUnary, body, more)).Field("grpc-status");
  }
};

TEST_F(CompressionTest, OfANativeClientIsUndoneForTheBackend) {
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  SimpleResponse response;
  const grpc::Status status = NewStub()->UnaryCall(&context, RequestOf(1 << 20), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.payload().body().size(), 3u);
  EXPECT_EQ(service().last_metadata.count("grpc-encoding"), 0u);
}

TEST_F(CompressionTest, MayDifferFromMessageToMessage) {
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  StreamingInputCallResponse response;
  auto stub = NewStub();
  auto writer = stub->StreamingInputCall(&context, &response);
  StreamingInputCallRequest request;
  for (int i = 0; i < 100; ++i) {
    request.mutable_payload()->set_body(std::string(static_cast<size_t>(i) * 1000, 'a'));
    grpc::WriteOptions options;
    ASSERT_TRUE(writer->Write(request, i % 2 == 0 ? options : options.set_no_compression()));
  }
  writer->WritesDone();
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(response.aggregated_payload_size(), 4'950'000);
}

TEST_F(CompressionTest, OccursInGrpcWebToo) {
  Http2Client client(port());
  const Http2Client::Fields web = {{"grpc-encoding", "gzip"}, {"content-type", "application/grpc-web+proto"}};
  EXPECT_THAT(client.Await(client.Send(kUnary, CompressedFrame(RequestOf(100'000)), web)).body,
              HasSubstr("grpc-status:0\r\n"));
}

TEST_F(CompressionTest, IsGzipOrNone) {
  for (const char* encoding : {"deflate", "br", "snappy", "GZIP", "gzip, gzip"}) {
    Http2Client client(port());
    const Http2Answer& answer =
        client.Await(client.Send(kUnary, GrpcFrame("x", 1), {{"grpc-encoding", encoding}}));
    EXPECT_EQ(answer.Field("grpc-status"), "12") << encoding;
    EXPECT_EQ(answer.Field("grpc-accept-encoding"), "identity,gzip") << encoding;
  }
  EXPECT_EQ(StatusOf(GrpcFrame("x", 1), {}), "13");
  EXPECT_EQ(StatusOf(GrpcFrame("x", 1), {{"grpc-encoding", "identity"}}), "13");
  EXPECT_EQ(StatusOf(GrpcFrame("not gzip at all, and long enough", 1), kGzip), "13");
  EXPECT_EQ(service().calls, 0);
  EXPECT_EQ(StatusOf(GrpcFrame(""), {{"grpc-encoding", "identity"}}), "0");
  EXPECT_EQ(StatusOf(GrpcFrame(""), kGzip), "0");
}

TEST_F(CompressionTest, OfAnswersIsWhatTheGatewayTakesNotTheBackend) {
  Http2Client client(port());
  EXPECT_EQ(client.Await(client.Send(kUnary, GrpcFrame(""))).Field("grpc-accept-encoding"), "identity,gzip");
}

TEST_F(CompressionTest, OfABombIsRefusedAtTheLimit) {
  const int64_t before = ResidentBytes();
  Http2Client client(port());
  std::vector<int32_t> bombs;
  const std::string bomb = CompressedFrame(RequestOf(50 << 20));
  for (int i = 0; i < 50; ++i) bombs.push_back(client.Send(kUnary, bomb, kGzip));
  for (const int32_t id : bombs) EXPECT_EQ(client.Await(id).Field("grpc-status"), "8");
  EXPECT_EQ(service().calls, 0);
  EXPECT_LT(ResidentBytes() - before, 100 << 20);
}

// 400 MB come out of 400 KB, a piece at a time, as the backend reads.
TEST_F(CompressionTest, CarriesFarMoreThanItEverHolds) {
  StreamingInputCallRequest request;
  request.mutable_payload()->set_body(std::string(4'000'000, '\0'));
  const std::string frame = CompressedFrame(request);
  std::string body;
  for (int i = 0; i < 100; ++i) body += frame;
  const int64_t before = ResidentBytes();
  Http2Client client(port());
  const Http2Answer& answer =
      client.Await(client.Send("/grpc.testing.TestService/StreamingInputCall", body, kGzip));
  ASSERT_EQ(answer.Field("grpc-status"), "0");
  StreamingInputCallResponse response;
  ASSERT_TRUE(response.ParseFromString(answer.body.substr(5)));
  EXPECT_EQ(response.aggregated_payload_size(), 400'000'000);
  EXPECT_LT(ResidentBytes() - before, 100 << 20);
}

TEST_F(CompressionTest, DoesNotHideThatARequestIsCutOff) {
  const std::string frame = CompressedFrame(RequestOf(1000));
  EXPECT_EQ(StatusOf(frame.substr(0, frame.size() - 1), kGzip), "13");
  EXPECT_EQ(StatusOf(frame + frame, kGzip), "12");
  EXPECT_EQ(StatusOf("", kGzip), "12");
  EXPECT_EQ(service().calls, 0);
}

}  // namespace
}  // namespace arasta::gateway
