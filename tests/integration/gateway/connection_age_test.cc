// Backends that end their connections after a while, so that callers look for replicas that came since:
// nobody should notice.
#include <gmock/gmock.h>

#include "tests/integration/gateway/fixture.h"
#include "tests/integration/gateway/load.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

using arasta::testing::Eventually;

class ConnectionAgeTest : public GatewayTest {
 protected:
  void SetUp() override {
    backend_ = std::make_unique<TestBackend>(0, nullptr, /*max_streams=*/0, /*connection_age_ms=*/50);
    StartGateway(ConfigFor(backend_->port()));
    AwaitReady();
  }
  bool AwaitConnections(size_t more) {
    const size_t goal = service().connections() + more;
    return Eventually([&] { return service().connections() >= goal; }, absl::Seconds(30));
  }
};

TEST_F(ConnectionAgeTest, LosesNoCallOfBusyClients) {
  Load load([this] { return NewStub(); }, &Empty);
  EXPECT_TRUE(AwaitConnections(50));
  EXPECT_THAT(load.Stop(), ::testing::IsEmpty());
}

TEST_F(ConnectionAgeTest, LetsStreamsGoOn) {
  grpc::ClientContext context;
  const auto stub = NewStub();
  const auto stream = stub->FullDuplexCall(&context);
  grpc::testing::StreamingOutputCallRequest request;
  grpc::testing::StreamingOutputCallResponse response;
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));

  Load load([this] { return NewStub(); }, &Empty);
  EXPECT_TRUE(AwaitConnections(5));
  EXPECT_THAT(load.Stop(), ::testing::IsEmpty());
  EXPECT_TRUE(stream->Write(request));
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_TRUE(stream->WritesDone());
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace arasta::gateway
