// What grpcurl asks a gateway: list, and describe; answered by the gateway itself.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "tests/integration/gateway/built_files.h"
#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/http2_client.h"
#include "tests/support/gzip.h"

namespace arasta::gateway {
namespace {

using grpc::reflection::v1::ServerReflection;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using ::testing::Contains;
using ::testing::Not;

std::vector<ServerReflectionResponse> AnswersIn(const std::string& body) {
  std::vector<ServerReflectionResponse> answers;
  for (size_t at = 0; at < body.size();) {
    size_t length = 0;
    for (size_t i = 1; i < 5; ++i) length = length << 8 | static_cast<uint8_t>(body[at + i]);
    EXPECT_TRUE(answers.emplace_back().ParseFromString(body.substr(at + 5, length)));
    at += 5 + length;
  }
  return answers;
}

class GatewayReflectionTest : public GatewayTest {
 protected:
  void Adjust(GatewayConfig& config) override {
    config.reflection = true;
    config.descriptors.push_back(kContracts);
    config.routes.push_back({"/arasta.catalog.v1.", "test"});
  }
};

TEST_F(GatewayReflectionTest, ListsAndDescribesWhatIsServed) {
  const auto stub = ServerReflection::NewStub(NewChannel());
  grpc::ClientContext context;
  const auto stream = stub->ServerReflectionInfo(&context);
  ServerReflectionRequest request;
  ServerReflectionResponse response;
  request.set_list_services("");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) names.push_back(service.name());
  EXPECT_THAT(names, Contains("grpc.testing.TestService"));
  EXPECT_THAT(names, Contains("arasta.catalog.v1.CatalogService"));
  EXPECT_THAT(names, Contains("grpc.reflection.v1.ServerReflection"));
  EXPECT_THAT(names, Not(Contains("arasta.catalog.v1.InventoryService"))) << "all of it is internal";
  for (const std::string& name : names) {
    request.set_file_containing_symbol(name);
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_GT(response.file_descriptor_response().file_descriptor_proto_size(), 0) << name;
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(service().calls, 0);
}

// More answers than any window holds: the gateway makes them as they are taken.
TEST_F(GatewayReflectionTest, AnswersNoFasterThanTheClientReads) {
  constexpr int kRequests = 300;
  std::string frames;
  for (int i = 0; i < kRequests; ++i) {
    ServerReflectionRequest request;
    request.set_file_containing_symbol("arasta.catalog.v1.CatalogService");
    frames += GrpcFrame(request.SerializeAsString());
  }
  Http2Client client(port());
  const Http2Answer& answer =
      client.Await(client.Send("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", frames));
  EXPECT_EQ(answer.Field("grpc-status"), "0");
  const std::vector<ServerReflectionResponse> answers = AnswersIn(answer.body);
  EXPECT_EQ(answers.size(), static_cast<size_t>(kRequests));
  for (const ServerReflectionResponse& each : answers) {
    ASSERT_GT(each.file_descriptor_response().file_descriptor_proto_size(), 0);
  }
}

// Compressed ones are inflated a few at a time, as others of them are answered.
TEST_F(GatewayReflectionTest, AnswersCompressedRequestsInTheirOrder) {
  constexpr int kRequests = 600;
  std::string frames;
  for (int i = 0; i < kRequests; ++i) {
    ServerReflectionRequest request;
    request.set_host(absl::StrCat(i, std::string(2000, '.')));
    request.set_file_containing_symbol("none");
    frames += GrpcFrame(arasta::testing::Gzip(request.SerializeAsString()), 1);
  }
  Http2Client client(port());
  const Http2Answer& answer = client.Await(client.Send(
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", frames, {{"grpc-encoding", "gzip"}}));
  EXPECT_EQ(answer.Field("grpc-status"), "0");
  const std::vector<ServerReflectionResponse> answers = AnswersIn(answer.body);
  ASSERT_EQ(answers.size(), static_cast<size_t>(kRequests));
  for (int i = 0; i < kRequests; ++i) {
    ASSERT_TRUE(absl::StartsWith(answers[i].original_request().host(), absl::StrCat(i, "."))) << i;
  }
}

TEST_F(GatewayReflectionTest, AnswersGarbageWithAnError) {
  Http2Client client(port());
  const Http2Answer& answer = client.Await(
      client.Send("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", GrpcFrame("\xff\xff\xff")));
  EXPECT_EQ(answer.Field("grpc-status"), "0");
  ServerReflectionResponse response;
  ASSERT_TRUE(response.ParseFromString(answer.body.substr(5)));
  EXPECT_EQ(response.error_response().error_code(), 3);
}

using NoReflectionTest = GatewayTest;

TEST_F(NoReflectionTest, IsOffUnlessToldOtherwise) {
  Http2Client client(port());
  const int32_t stream =
      client.Send("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", GrpcFrame(""));
  EXPECT_EQ(client.Await(stream).Field("grpc-status"), "12");
}

}  // namespace
}  // namespace arasta::gateway
