// Watches, draining and shutting down: every call ends, and Shutdown returns.
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "common/rpc/status.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/integration/common/rpc/echo_fixture.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::Eventually;
using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

class LifetimeTest : public EchoTest {
 protected:
  // Handles of the watches that clients have begun.
  void KeepWatches() {
    handlers().follow = [this](const Call&, const EchoRequest&, Watch<EchoResponse> watch) {
      MutexLock lock(mutex_);
      watch.OnCancel([this] { ended_.fetch_add(1); });
      watches_.push_back(std::move(watch));
      begun_.NotifyAll();
      return absl::OkStatus();
    };
  }

  Watch<EchoResponse> FirstWatch() {
    MutexLock lock(mutex_);
    while (watches_.empty()) begun_.Wait(mutex_);
    return watches_.front();
  }

  std::unique_ptr<grpc::ClientReader<EchoResponse>> Follow(grpc::ClientContext& context,
                                                           absl::Duration token_life = absl::Minutes(5)) {
    context.AddMetadata("authorization", "Bearer " + TokenFor(kAlice, {}, token_life));
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    return stub().Follow(&context, Request("tea"));
  }

  Mutex mutex_;
  CondVar begun_;
  std::vector<Watch<EchoResponse>> watches_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int> ended_{0};
};

EchoResponse Text(const std::string& text) {
  EchoResponse response;
  response.set_text(text);
  return response;
}

TEST_F(LifetimeTest, FeedsAWatchFromOutsideAndEndsIt) {
  Start();
  KeepWatches();
  grpc::ClientContext context;
  const auto reader = Follow(context);
  const Watch<EchoResponse> watch = FirstWatch();
  EXPECT_TRUE(watch.Write(Text("one")));
  EXPECT_TRUE(watch.Write(Text("two")));
  watch.Finish(Error(absl::StatusCode::kAborted, "MOVED", "gone elsewhere"));
  EXPECT_FALSE(watch.Write(Text("three")));
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.text(), "one");
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.text(), "two");
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(FromGrpc(reader->Finish()), HasReason("MOVED"));
}

TEST_F(LifetimeTest, HoldsNoWorkerForAWatch) {
  Start({}, /*workers=*/1);
  KeepWatches();
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<EchoResponse>>> readers;
  for (int i = 0; i < 10; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    readers.push_back(Follow(*contexts.back()));
    MutexLock lock(mutex_);
    while (watches_.size() <= static_cast<size_t>(i)) begun_.Wait(mutex_);
  }
  EXPECT_THAT(Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request("tea")), IsOk());
  echo_->server().Shutdown(absl::Seconds(10));
  for (const auto& reader : readers) reader->Finish();
  EXPECT_EQ(ended_, 10);
}

TEST_F(LifetimeTest, TellsTheFeederWhenTheClientHasGone) {
  Start();
  absl::Notification gone;
  handlers().follow = [&gone](const Call&, const EchoRequest&, Watch<EchoResponse> watch) {
    watch.Write(Text("hello"));
    // The callback keeps its own handle: the stream must end all the same.
    watch.OnCancel([&gone, watch] { gone.Notify(); });
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  const auto reader = Follow(context);
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  context.TryCancel();
  EXPECT_TRUE(gone.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_FALSE(reader->Read(&response));
  reader->Finish();
}

TEST_F(LifetimeTest, EndsAWatchThatEverybodyHasForgotten) {
  Start();
  grpc::ClientContext context;
  const auto reader = Follow(context);  // The default handler drops its handle.
  EchoResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(FromGrpc(reader->Finish()), HasReason("WATCH_ENDED"));
}

TEST_F(LifetimeTest, EndsAWatchWithTheToken) {
  Start();
  KeepWatches();
  grpc::ClientContext context;
  const auto reader = Follow(context, absl::Seconds(1));
  EchoResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(FromGrpc(reader->Finish()), HasReason("TOKEN_EXPIRED"));
}

TEST_F(LifetimeTest, CutsOffAWatchThatReadsTooSlowly) {
  Start();
  KeepWatches();
  grpc::ClientContext context;
  const auto reader = Follow(context);
  const Watch<EchoResponse> watch = FirstWatch();
  const EchoResponse large = Text(std::string(100000, 'x'));
  int sent = 0;
  while (watch.Write(large)) ASSERT_LT(++sent, 10000);
  EchoResponse response;
  while (reader->Read(&response)) {
  }
  EXPECT_THAT(FromGrpc(reader->Finish()), HasReason("SLOW_READER"));
}

TEST_F(LifetimeTest, ShutsDownAtOnceWithAWatchThatNobodyEnds) {
  Start();
  KeepWatches();
  grpc::ClientContext context;
  const auto reader = Follow(context);
  FirstWatch();
  const absl::Time start = absl::Now();
  echo_->server().Shutdown(absl::Seconds(60));
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  EchoResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(FromGrpc(reader->Finish()), HasReason("DRAINING"));
  EXPECT_EQ(ended_, 1);
}

TEST_F(LifetimeTest, LetsCallsFinishAndRefusesNewOnesWhileItShutsDown) {
  Start();
  absl::Notification started, release;
  handlers().echo = [&](const Call&, const EchoRequest&) {
    started.Notify();
    release.WaitForNotification();
    return Text("done");
  };
  std::thread client([&] {
    const auto response = Invoke(Caller(), *stub_, &EchoService::Stub::Echo, Request("tea"));
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->text(), "done");
  });
  started.WaitForNotification();
  std::thread shutdown([&] { echo_->server().Shutdown(absl::Seconds(30)); });
  // The listener is gone: a fresh connection is refused, while the call above goes on.
  Channel late({.address = echo_->address(), .peer = "echo", .self = "gateway"});
  while (late.grpc()->GetState(true) != GRPC_CHANNEL_TRANSIENT_FAILURE) std::this_thread::yield();
  release.Notify();
  client.join();
  shutdown.join();
}

TEST_F(LifetimeTest, CancelsWhatOutlastsTheGrace) {
  Start();
  absl::Notification started;
  handlers().echo = [&](const Call& call, const EchoRequest&) {
    started.Notify();
    EXPECT_TRUE(Eventually([&call] { return call.Cancelled(); }));
    return EchoResponse();
  };
  std::thread client([&] {
    EXPECT_THAT(Invoke(Caller(absl::Seconds(60)), *stub_, &EchoService::Stub::Echo, Request("tea")),
                ::testing::Not(IsOk()));
  });
  started.WaitForNotification();
  echo_->server().Shutdown(absl::Milliseconds(50));
  client.join();
}

TEST_F(LifetimeTest, WakesAWorkerThatReadsFromAClientWhoSaysNothing) {
  Start();
  grpc::ClientContext context;
  EchoResponse response;
  const auto writer = stub().Collect(&context, &response);
  ASSERT_TRUE(writer->Write(Request("tea")));
  echo_->server().Shutdown(absl::Milliseconds(50));
  EXPECT_FALSE(writer->Finish().ok());
}

TEST_F(LifetimeTest, ShowsDrainingInItsHealth) {
  Start();
  // A Channel would heed it.
  const auto channel = grpc::CreateChannel(echo_->address(), grpc::InsecureChannelCredentials());
  const auto health = grpc::health::v1::Health::NewStub(channel);
  grpc::ClientContext watch_context;
  const auto reader = health->Watch(&watch_context, HealthCheckRequest());
  HealthCheckResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);

  echo_->server().SetDraining();
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  grpc::ClientContext check_context;
  ASSERT_TRUE(health->Check(&check_context, HealthCheckRequest(), &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  grpc::ClientContext context;
  EchoResponse echo;
  EXPECT_TRUE(EchoService::NewStub(channel)->Echo(&context, Request("tea"), &echo).ok()) << "it still serves";
  watch_context.TryCancel();
  reader->Finish();
}

TEST_F(LifetimeTest, RefusesASecondServerOnItsPort) {
  Start();
  ServerOptions options;
  options.listen = echo_->address();
  EchoServer second(std::move(options), 1);
  EXPECT_THAT(second.server().Start(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(ServerTest, DoesNotStartWhereAMethodHasNoHandler) {
  concurrency::WorkerPool workers("test", 1, 1);
  EchoHandlers handlers;
  Server server({});
  Service<EchoService> service(server, workers);
  service.Add("Echo", &EchoHandlers::Echo, handlers);
  EXPECT_THAT(server.Start(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace arasta::rpc
