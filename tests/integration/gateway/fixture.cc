#include "tests/integration/gateway/fixture.h"

#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/built_files.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {

void GatewayTest::SetUp() {
  backend_ = std::make_unique<TestBackend>();
  GatewayConfig config = ConfigFor(backend_->port());
  Adjust(config);
  StartGateway(std::move(config));
  AwaitReady();
}

GatewayConfig GatewayTest::ConfigFor(int backend_port) const {
  GatewayConfig config;
  config.workers = 1;
  config.descriptors = {kTestDescriptors};
  config.backends = {{"test", {absl::StrCat("127.0.0.1:", backend_port)}, false, "test"}};
  config.routes = {{"/grpc.testing.TestService/", "test", options::v1::Access::PUBLIC},
                   {"/grpc.health.v1.Health/", "test", options::v1::Access::PUBLIC}};
  config.cors.origins = {"https://shop.example"};
  config.access_log = false;
  return config;
}

std::string GatewayTest::WriteDescriptors(const std::string& folder) {
  absl::StatusOr<google::protobuf::FileDescriptorSet> files = ReadDescriptors(kTestDescriptors);
  EXPECT_TRUE(files.ok());
  for (auto& file : *files->mutable_file()) {
    for (auto& service : *file.mutable_service()) {
      for (auto& method : *service.mutable_method()) {
        if (method.name() != "CacheableUnaryCall") continue;
        method.mutable_options()->set_idempotency_level(google::protobuf::MethodOptions::NO_SIDE_EFFECTS);
      }
    }
  }
  const std::string file = folder + "/testing.binpb";
  std::ofstream(file, std::ios::binary) << files->SerializeAsString();
  return file;
}

void GatewayTest::StartGateway(GatewayConfig config) {
  gateway_ = std::make_unique<Gateway>(std::move(config));
  const absl::Status started = gateway_->Start();
  ASSERT_TRUE(started.ok()) << started;
}

void GatewayTest::AwaitReady() {
  ASSERT_TRUE(arasta::testing::Eventually([&] { return gateway_->Ready().ok(); }));
}

int GatewayTest::port() const {
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(address().substr(address().rfind(':') + 1), &port));
  return port;
}

std::shared_ptr<grpc::Channel> GatewayTest::NewChannel() const {
  grpc::ChannelArguments arguments;
  // A connection of its own, not one shared with other channels of the process.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, -1);
  return grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), arguments);
}

std::unique_ptr<grpc::testing::TestService::Stub> GatewayTest::NewStub() const {
  return grpc::testing::TestService::NewStub(NewChannel());
}

}  // namespace arasta::gateway
