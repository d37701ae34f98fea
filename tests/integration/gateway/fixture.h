// The gateway as it is, in this process, in front of a real gRPC server.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "services/gateway/gateway.h"
#include "tests/integration/gateway/test_backend.h"

namespace arasta::gateway {

class GatewayTest : public ::testing::Test {
 protected:
  // Starts a backend and a gateway in front of it, and waits until the gateway is ready.
  void SetUp() override;

  // Everything a test may want to change before SetUp's gateway starts.
  virtual void Adjust(GatewayConfig&) {}

  GatewayConfig ConfigFor(int backend_port) const;
  // Writes descriptors that say of CacheableUnaryCall, alone, that it has no side effects; returns the file.
  static std::string WriteDescriptors(const std::string& folder);
  void StartGateway(GatewayConfig config);
  void AwaitReady();

  const std::string& address() const { return gateway_->address(); }
  int port() const;
  TestService& service() { return backend_->service(); }

  // A client's channel of its own to the gateway.
  std::shared_ptr<grpc::Channel> NewChannel() const;
  std::unique_ptr<grpc::testing::TestService::Stub> NewStub() const;

  std::unique_ptr<TestBackend> backend_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace arasta::gateway
