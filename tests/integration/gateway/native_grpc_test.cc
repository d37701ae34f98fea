// A native gRPC client must not be able to tell the gateway from the service itself.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/integration/gateway/fixture.h"

namespace arasta::gateway {
namespace {

using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::StreamingInputCallRequest;
using grpc::testing::StreamingInputCallResponse;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;
using ::testing::Pair;

class NativeGrpcTest : public GatewayTest {};

TEST_F(NativeGrpcTest, CarriesAUnaryCall) {
  grpc::ClientContext context;
  SimpleRequest request;
  SimpleResponse response;
  request.set_response_size(100);
  const grpc::Status status = NewStub()->UnaryCall(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.payload().body().size(), 100u);
}

TEST_F(NativeGrpcTest, CarriesMessagesBeyondEveryWindow) {
  grpc::ClientContext context;
  SimpleRequest request;
  SimpleResponse response;
  request.mutable_payload()->set_body(std::string(3 << 20, 'z'));
  request.set_response_size(10 << 20);
  const grpc::Status status = NewStub()->UnaryCall(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.payload().body().size(), 10u << 20);
}

TEST_F(NativeGrpcTest, KeepsMetadataBothWaysByteForByte) {
  grpc::ClientContext context;
  const std::string binary("\0\x01\xfe,\xff", 5);
  context.AddMetadata("x-echo", "first");
  context.AddMetadata("x-echo", "second");
  context.AddMetadata("x-echo", " between spaces  ");
  context.AddMetadata("x-echo-trailing-bin", binary);
  context.AddMetadata("x-other-bin", binary);
  SimpleRequest request;
  SimpleResponse response;
  ASSERT_TRUE(NewStub()->UnaryCall(&context, request, &response).ok());

  std::vector<std::string> echoes;
  const auto [first, last] = context.GetServerInitialMetadata().equal_range("x-echo");
  for (auto it = first; it != last; ++it) echoes.emplace_back(it->second.data(), it->second.size());
  EXPECT_THAT(echoes, ::testing::UnorderedElementsAre("first", "second", " between spaces  "));
  const auto trailing = context.GetServerTrailingMetadata().find("x-echo-trailing-bin");
  ASSERT_NE(trailing, context.GetServerTrailingMetadata().end());
  EXPECT_EQ(std::string(trailing->second.data(), trailing->second.size()), binary);
  EXPECT_THAT(service().last_metadata, ::testing::Contains(Pair("x-other-bin", binary)));
}

TEST_F(NativeGrpcTest, KeepsStatusMessageAndDetails) {
  grpc::ClientContext context;
  SimpleRequest request;
  SimpleResponse response;
  request.mutable_response_status()->set_code(grpc::StatusCode::FAILED_PRECONDITION);
  request.mutable_response_status()->set_message("100 % größer\n");
  const grpc::Status status = NewStub()->UnaryCall(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "100 % größer\n");
  EXPECT_EQ(status.error_details(), "details\x01\xff");
}

TEST_F(NativeGrpcTest, RemovesWhatOnlyTheGatewayMaySay) {
  grpc::ClientContext context;
  context.AddMetadata("x-forwarded-for", "6.6.6.6");
  context.AddMetadata("x-arasta-principal", "users/1");
  SimpleRequest request;
  SimpleResponse response;
  ASSERT_TRUE(NewStub()->UnaryCall(&context, request, &response).ok());
  EXPECT_THAT(service().last_metadata, ::testing::Contains(Pair("x-forwarded-for", "127.0.0.1")));
  EXPECT_EQ(service().last_metadata.count("x-forwarded-for"), 1u);
  EXPECT_EQ(service().last_metadata.count("x-arasta-principal"), 0u);
  EXPECT_EQ(service().last_metadata.count("x-request-id"), 1u);
  EXPECT_EQ(service().last_metadata.count("traceparent"), 1u);
}

TEST_F(NativeGrpcTest, CarriesAServerStream) {
  grpc::ClientContext context;
  StreamingOutputCallRequest request;
  for (int i = 0; i < 200; ++i) request.add_response_parameters()->set_size(i * 100);
  auto stub = NewStub();
  auto reader = stub->StreamingOutputCall(&context, request);
  StreamingOutputCallResponse response;
  for (size_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(reader->Read(&response));
    EXPECT_EQ(response.payload().body().size(), i * 100);
  }
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(NativeGrpcTest, CarriesAClientStream) {
  grpc::ClientContext context;
  StreamingInputCallResponse response;
  auto stub = NewStub();
  auto writer = stub->StreamingInputCall(&context, &response);
  StreamingInputCallRequest request;
  request.mutable_payload()->set_body(std::string(10'000, 'a'));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(writer->Write(request));
  writer->WritesDone();
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(response.aggregated_payload_size(), 1'000'000);
}

TEST_F(NativeGrpcTest, CarriesBothDirectionsInTurns) {
  grpc::ClientContext context;
  auto stub = NewStub();
  auto stream = stub->FullDuplexCall(&context);
  StreamingOutputCallRequest request;
  StreamingOutputCallResponse response;
  for (int i = 0; i < 50; ++i) {
    request.mutable_payload()->set_body(std::to_string(i));
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.payload().body(), std::to_string(i));
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(NativeGrpcTest, GivesAStreamThatAsksForAgesItsTime) {
  for (const char* ages : {"99999999H", "99999999M", "2562048H"}) {
    grpc::ClientContext context;
    context.AddMetadata("grpc-timeout", ages);
    auto stub = NewStub();
    auto stream = stub->FullDuplexCall(&context);
    StreamingOutputCallResponse response;
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(stream->Write(StreamingOutputCallRequest()) && stream->Read(&response)) << ages;
    }
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok()) << ages;
  }
}

TEST_F(NativeGrpcTest, AnswersUnknownMethodsItself) {
  grpc::ClientContext context;
  grpc::testing::Empty empty;
  const auto stub = grpc::testing::UnimplementedService::NewStub(NewChannel());
  EXPECT_EQ(stub->UnimplementedCall(&context, empty, &empty).error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(NativeGrpcTest, CapsTheDeadlineAndForwardsTheRest) {
  grpc::ClientContext context;
  SimpleRequest request;
  SimpleResponse response;
  const auto before = std::chrono::system_clock::now();
  ASSERT_TRUE(NewStub()->UnaryCall(&context, request, &response).ok());
  const auto rest = service().last_deadline - before;
  EXPECT_GT(rest, std::chrono::seconds(4));
  EXPECT_LT(rest, std::chrono::seconds(6));
}

TEST_F(NativeGrpcTest, EndsACallAtItsDeadlineAndTellsTheBackend) {
  grpc::ClientContext context;
  context.AddMetadata("x-hang", "1");
  // The client's own clock must not be what ends it: only the header says so.
  context.AddMetadata("grpc-timeout", "100m");
  SimpleRequest request;
  SimpleResponse response;
  // The gateway's clock; absl::Now() is a little ahead of it or behind.
  const auto before = std::chrono::steady_clock::now();
  const grpc::Status status = NewStub()->UnaryCall(&context, request, &response);
  const auto taken = absl::FromChrono(std::chrono::steady_clock::now() - before);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // The backend is told how long it has, and gRPC's clock of whole milliseconds may be before the gateway's.
  EXPECT_GE(taken, absl::Milliseconds(97));
  EXPECT_TRUE(service().cancelled.WaitForNotificationWithTimeout(absl::Seconds(5)));
}

TEST_F(NativeGrpcTest, CancelsTheBackendWithTheClient) {
  grpc::ClientContext context;
  context.AddMetadata("x-hang", "1");
  auto stub = NewStub();
  SimpleRequest request;
  SimpleResponse response;
  std::thread client([&] { stub->UnaryCall(&context, request, &response); });
  service().hanging.WaitForNotification();
  const absl::Time before = absl::Now();
  context.TryCancel();
  EXPECT_TRUE(service().cancelled.WaitForNotificationWithTimeout(absl::Seconds(5)));
  RecordProperty("cancel_ms", static_cast<int>(absl::ToInt64Milliseconds(absl::Now() - before)));
  EXPECT_LT(absl::Now() - before, absl::Milliseconds(500));
  client.join();
}

}  // namespace
}  // namespace arasta::gateway
