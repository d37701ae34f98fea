// grpc.reflection over our own server, and with it streams in both directions.
#include "common/rpc/access.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "tests/integration/common/rpc/echo_fixture.h"

namespace arasta::rpc {
namespace {

using ::testing::UnorderedElementsAre;

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;

class ReflectionTest : public EchoTest {
 protected:
  void StartReflecting() { Start({.reflection = true}); }

  // The status of a stream that asks once.
  grpc::StatusCode AskAs(const char* peer) {
    const auto stub = v1::ServerReflection::NewStub(channel_->grpc());
    grpc::ClientContext context;
    context.AddMetadata(kCleartextPeerHeader, peer);
    const auto stream = stub->ServerReflectionInfo(&context);
    v1::ServerReflectionRequest request;
    request.set_list_services("");
    stream->Write(request);
    stream->WritesDone();
    v1::ServerReflectionResponse response;
    while (stream->Read(&response)) {
    }
    return stream->Finish().error_code();
  }
};

TEST_F(ReflectionTest, AnswersOneRequestAfterTheOther) {
  StartReflecting();
  const auto stub = v1::ServerReflection::NewStub(channel_->grpc());
  grpc::ClientContext context;
  const auto stream = stub->ServerReflectionInfo(&context);
  v1::ServerReflectionRequest request;
  v1::ServerReflectionResponse response;
  for (int i = 0; i < 20; ++i) {
    request.set_list_services("");
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.list_services_response().service_size(), 2);
    request.set_file_containing_symbol("arasta.testing.v1.EchoService");
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_GT(response.file_descriptor_response().file_descriptor_proto_size(), 2);
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ReflectionTest, AnswersRequestsThatWereSentAllAtOnce) {
  StartReflecting();
  const auto stub = v1alpha::ServerReflection::NewStub(channel_->grpc());
  grpc::ClientContext context;
  const auto stream = stub->ServerReflectionInfo(&context);
  for (int i = 0; i < 10; ++i) {
    v1alpha::ServerReflectionRequest request;
    request.set_host(std::to_string(i));
    request.set_list_services("");
    ASSERT_TRUE(stream->Write(request));
  }
  stream->WritesDone();
  v1alpha::ServerReflectionResponse response;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.valid_host(), std::to_string(i));
  }
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) names.push_back(service.name());
  EXPECT_THAT(names, UnorderedElementsAre("arasta.testing.v1.EchoService", "grpc.health.v1.Health"));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ReflectionTest, IsForTheGatewayAndOperators) {
  StartReflecting();
  for (const char* peer : {"gateway", "operator", "catalog", ""}) {
    EXPECT_EQ(AskAs(peer), *peer == 'g' || *peer == 'o' ? grpc::OK : grpc::PERMISSION_DENIED) << peer;
  }
}

TEST_F(ReflectionTest, IsOffUnlessToldOtherwise) {
  Start();
  EXPECT_EQ(AskAs("gateway"), grpc::UNIMPLEMENTED);
}

// A conversation that nobody ends must not hold up a shutdown.
TEST_F(ReflectionTest, EndsWithTheServer) {
  StartReflecting();
  const auto stub = v1::ServerReflection::NewStub(channel_->grpc());
  grpc::ClientContext context;
  const auto stream = stub->ServerReflectionInfo(&context);
  v1::ServerReflectionRequest request;
  v1::ServerReflectionResponse response;
  request.set_list_services("");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  const absl::Time begin = absl::Now();
  echo_->server().Shutdown(absl::Seconds(30));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  EXPECT_EQ(stream->Finish().error_code(), grpc::UNAVAILABLE);
}

TEST_F(ReflectionTest, ForgetsAClientThatLeaves) {
  StartReflecting();
  for (int i = 0; i < 20; ++i) {
    const auto stub = v1::ServerReflection::NewStub(channel_->grpc());
    grpc::ClientContext context;
    const auto stream = stub->ServerReflectionInfo(&context);
    v1::ServerReflectionRequest request;
    request.set_list_services("");
    stream->Write(request);
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  }
  EXPECT_EQ(AskAs("gateway"), grpc::OK);
}

}  // namespace
}  // namespace arasta::rpc
