// Every kind of call over a real connection, and what ends it.
#include <grpcpp/impl/client_unary_call.h>

#include <thread>

#include "arasta/testing/v1/echo_service.pb.h"
#include "common/rpc/status.h"
#include "tests/integration/common/rpc/echo_fixture.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::Eventually;
using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;
using ::testing::HasSubstr;

using CallsTest = EchoTest;

TEST_F(CallsTest, AnswersUnaryCallsOnAWorker) {
  Start();
  const auto response = Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request("tea"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->text(), "tea");
}

TEST_F(CallsTest, AnswersFastOnTheQueuesThreadAndHandsOverTheRest) {
  Start();
  std::atomic<int> slow{0};
  handlers().fast_echo = [](const Call&,
                            const EchoRequest& request) -> absl::optional<absl::StatusOr<EchoResponse>> {
    if (request.text() != "cached") return absl::nullopt;
    return EchoResponse();
  };
  handlers().echo = [&slow](const Call&, const EchoRequest&) {
    ++slow;
    return EchoResponse();
  };
  EXPECT_THAT(Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request("cached")), IsOk());
  EXPECT_EQ(slow, 0);
  EXPECT_THAT(Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request("not cached")), IsOk());
  EXPECT_EQ(slow, 1);
}

TEST_F(CallsTest, TellsTheHandlerAboutTheCall) {
  Start();
  handlers().echo = [](const Call& call, const EchoRequest&) {
    EchoResponse response;
    response.set_text(absl::StrCat(call.method(), " ", call.peer(), " ", call.request_id(), " ",
                                   call.principal().name, " ", call.trace().trace_id(), " ",
                                   call.Metadata("authorization") == nullptr));
    return response;
  };
  grpc::ClientContext context;
  context.AddMetadata("authorization", "bearer " + TokenFor(kAlice));
  context.AddMetadata("x-request-id", "r-1");
  context.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EchoResponse response;
  ASSERT_TRUE(stub().Echo(&context, Request("tea"), &response).ok());
  EXPECT_EQ(response.text(), absl::StrCat("arasta.testing.v1.EchoService/Echo gateway r-1 ", kAlice,
                                          " 0af7651916cd43dd8448eb211c80319c 1"));
}

TEST_F(CallsTest, ReadsClientStreams) {
  Start();
  grpc::ClientContext context;
  EchoResponse response;
  const auto writer = stub().Collect(&context, &response);
  for (const char* word : {"green ", "tea ", "please"}) writer->Write(Request(word));
  writer->WritesDone();
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(response.text(), "green tea please");
  EXPECT_EQ(response.count(), 3);
}

TEST_F(CallsTest, RefusesAClientStreamAtTheFirstMessageThatBreaksItsBounds) {
  Start();
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
  EchoResponse response;
  const auto writer = stub().Collect(&context, &response);
  writer->Write(Request("tea"));
  writer->Write(Request("tea", -1));
  EXPECT_THAT(FromGrpc(writer->Finish()), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("times: ")));
}

TEST_F(CallsTest, WritesServerStreamsInOrder) {
  Start();
  grpc::ClientContext context;
  const auto reader = stub().Repeat(&context, Request("tea", 1000));
  EchoResponse response;
  int next = 0;
  while (reader->Read(&response)) ASSERT_EQ(response.count(), next++);
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(next, 1000);
}

TEST_F(CallsTest, SendsTheStatusOfAServerStreamAfterItsMessages) {
  Start();
  handlers().repeat_status = Error(absl::StatusCode::kAborted, "CHANGED", "the list has changed");
  grpc::ClientContext context;
  const auto reader = stub().Repeat(&context, Request("tea", 3));
  EchoResponse response;
  int count = 0;
  while (reader->Read(&response)) ++count;
  EXPECT_EQ(count, 3);
  EXPECT_THAT(FromGrpc(reader->Finish()), HasReason("CHANGED"));
}

TEST_F(CallsTest, BoundsWhatAServerStreamBuffers) {
  Start();
  grpc::ClientContext context;
  const auto reader = stub().Repeat(&context, Request(std::string(1000, 'x'), 1000000));
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  // The client reads no more: the writer stops when the flow-control window is full.
  int before = -1;
  ASSERT_TRUE(Eventually([&] {
    const int earlier = std::exchange(before, handlers().written.load());
    return before == earlier;
  }));
  EXPECT_LT(handlers().written, 100000);
  context.TryCancel();
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(CallsTest, ExpiresAtTheCallersDeadline) {
  Start();
  absl::Notification expired;
  handlers().echo = [&expired](const Call& call, const EchoRequest&) {
    EXPECT_TRUE(Eventually([&call] { return call.Cancelled(); }));
    expired.Notify();
    return EchoResponse();
  };
  EXPECT_THAT(Invoke(Caller(absl::Milliseconds(200)), *stub_, &EchoService::Stub::Echo, Request("tea")),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(expired.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST_F(CallsTest, ShowsTheHandlerThatTheClientHasGone) {
  Start();
  absl::Notification started, cancelled;
  handlers().echo = [&](const Call& call, const EchoRequest&) {
    started.Notify();
    EXPECT_TRUE(Eventually([&call] { return call.Cancelled(); }));
    cancelled.Notify();
    return EchoResponse();
  };
  grpc::ClientContext context;
  std::thread client([&] {
    EchoResponse response;
    EXPECT_EQ(stub().Echo(&context, Request("tea"), &response).error_code(), grpc::StatusCode::CANCELLED);
  });
  started.WaitForNotification();
  context.TryCancel();
  client.join();
  EXPECT_TRUE(cancelled.WaitForNotificationWithTimeout(absl::Seconds(4))) << "sooner than its deadline";
}

TEST_F(CallsTest, RefusesWithRetryInfoWhenTheWorkersQueueIsFull) {
  Start({}, /*workers=*/1);
  absl::Notification release;
  absl::Notification busy;
  handlers().echo = [&](const Call&, const EchoRequest& request) {
    if (request.text() == "first") busy.Notify();
    release.WaitForNotification();
    return EchoResponse();
  };
  std::vector<std::thread> clients;
  std::atomic<int> answered{0}, refused{0};
  const auto call = [&](const std::string& text) {
    const auto response = Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request(text));
    if (response.ok()) return ++answered;
    EXPECT_THAT(response, StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_GT(RetryAfterOf(response.status()), absl::ZeroDuration());
    return ++refused;
  };
  clients.emplace_back([&] { call("first"); });
  busy.WaitForNotification();
  // One is at work, one may wait: of three more, two are refused at once.
  for (int i = 0; i < 3; ++i) clients.emplace_back([&] { call("more"); });
  while (refused < 2) std::this_thread::yield();
  release.Notify();
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, 2);
  EXPECT_EQ(refused, 2);
}

TEST_F(CallsTest, RefusesMoreCallsThanItMayHaveUnderWay) {
  ServerOptions options;
  options.max_calls = 2;  // the channel's watch of our health is one
  Start(std::move(options));
  handlers().follow = [](const Call&, const EchoRequest&, Watch<EchoResponse> watch) {
    watch.Write(EchoResponse());
    static std::vector<Watch<EchoResponse>> kept;
    kept.push_back(watch);
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + TokenFor(kAlice));
  const auto reader = stub().Follow(&context, Request("tea"));
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_THAT(Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request("tea")), HasReason("OVERLOADED"));
  context.TryCancel();
  EXPECT_FALSE(reader->Read(&response));
  reader->Finish();
}

TEST_F(CallsTest, AnswersInternalWithoutItsCauseWhenAHandlerThrows) {
  Start();
  handlers().echo = [](const Call&, const EchoRequest&) -> absl::StatusOr<EchoResponse> {
    throw std::runtime_error("relation \"users\" does not exist");
  };
  EXPECT_THAT(Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request("tea")),
              StatusIs(absl::StatusCode::kInternal, "internal error"));
}

TEST_F(CallsTest, NamesTheFieldThatBreaksItsBounds) {
  Start();
  const auto response = Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request("tea", -1));
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kInvalidArgument, "times: must be at least 0"));
  EXPECT_THAT(response, HasReason("INVALID_FIELD"));
}

TEST_F(CallsTest, RefusesMessagesOverTheLimit) {
  ServerOptions options;
  options.max_message_bytes = 10000;
  Start(std::move(options));
  EchoRequest request;
  request.set_payload(std::string(20000, 'x'));
  EXPECT_THAT(Invoke(Caller(), *stub_, &EchoService::Stub::Echo, request),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request("tea")), IsOk());
}

TEST_F(CallsTest, AnswersUnknownMethodsUnimplemented) {
  Start();
  grpc::ClientContext context;
  grpc::internal::RpcMethod method("/arasta.testing.v1.EchoService/NoSuchMethod",
                                   grpc::internal::RpcMethod::NORMAL_RPC);
  EchoResponse response;
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall(channel_->grpc().get(), method, &context, Request("tea"), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(CallsTest, AnswersGarbageInvalidArgument) {
  Start();
  grpc::ClientContext context;
  grpc::internal::RpcMethod method("/arasta.testing.v1.EchoService/Echo",
                                   grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Slice slice("\xff\xff\xff\xff");
  const grpc::ByteBuffer garbage(&slice, 1);
  grpc::ByteBuffer response;
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      channel_->grpc().get(), method, &context, garbage, &response);
  EXPECT_THAT(FromGrpc(status), HasReason("MALFORMED"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(CallsTest, RetriesUnavailableOnlyWhereTheContractSaysItMay) {
  Start();
  std::atomic<int> probes{0}, echoes{0};
  handlers().probe = [&](const Call&) -> absl::StatusOr<ProbeResponse> {
    if (++probes < 3) return Error(absl::StatusCode::kUnavailable, "AWAY", "not now");
    return ProbeResponse();
  };
  handlers().echo = [&](const Call&, const EchoRequest&) -> absl::StatusOr<EchoResponse> {
    ++echoes;
    return Error(absl::StatusCode::kUnavailable, "AWAY", "not now");
  };
  EXPECT_THAT(Invoke(Caller(), *stub_, &EchoService::Stub::Probe, ProbeRequest()), IsOk());
  EXPECT_EQ(probes, 3);
  EXPECT_THAT(Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request("tea")), HasReason("AWAY"));
  EXPECT_EQ(echoes, 1);
}

TEST_F(CallsTest, NamesThePeerThatCannotBeReachedAndNotItsAddress) {
  Start();
  Channel nowhere({.address = "127.0.0.1:1", .peer = "catalog", .self = "gateway"});
  Stub<EchoService> stub(nowhere);
  const auto response = Invoke(Caller(), stub, &EchoService::Stub::Probe, ProbeRequest());
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kUnavailable, "catalog can't be reached just now"));
  EXPECT_THAT(response, HasReason("PEER_UNAVAILABLE"));
  EXPECT_EQ(MetadataOf(response.status(), "service"), "catalog");
}

TEST_F(CallsTest, DoesNotCallWithoutTimeLeft) {
  Start();
  EXPECT_THAT(Invoke(Caller(absl::Milliseconds(10)), *stub_, &EchoService::Stub::Echo, Request("tea")),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "no time is left to ask a peer"));
}

}  // namespace
}  // namespace arasta::rpc
