#include "tests/integration/gateway/test_backend.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/support/eventually.h"

namespace arasta::gateway {
namespace {

bool Has(const grpc::ServerContext& context, const char* key) {
  return context.client_metadata().count(key) > 0;
}

}  // namespace

void TestService::NotePeer(const grpc::ServerContext& context) {
  ++calls;
  MutexLock lock(mutex_);
  peers_.insert(context.peer());
}

void TestService::Note(const grpc::ServerContext& context) {
  NotePeer(context);
  MutexLock lock(mutex_);
  last_metadata.clear();
  for (const auto& [key, value] : context.client_metadata()) {
    last_metadata.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  last_deadline = context.deadline();
}

size_t TestService::connections() {
  MutexLock lock(mutex_);
  return peers_.size();
}

grpc::Status TestService::Hang(grpc::ServerContext& context) {
  hanging.Notify();
  // The sync API tells of a cancellation to whoever asks.
  arasta::testing::Eventually([&] { return context.IsCancelled(); });
  cancelled.Notify();
  return grpc::Status::CANCELLED;
}

grpc::Status TestService::EmptyCall(grpc::ServerContext* context, const grpc::testing::Empty*,
                                    grpc::testing::Empty*) {
  NotePeer(*context);
  if (TakeUnavailable()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "ill");
  return context->IsCancelled() ? grpc::Status::CANCELLED : grpc::Status::OK;
}

grpc::Status TestService::CacheableUnaryCall(grpc::ServerContext* context,
                                             const grpc::testing::SimpleRequest*,
                                             grpc::testing::SimpleResponse* response) {
  Note(*context);
  if (TakeUnavailable()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "ill");
  if (hangs) arasta::testing::Eventually([&] { return context->IsCancelled(); });
  if (busy > 0 && busy-- > 0) return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "busy");
  response->set_server_id(absl::StrCat(getpid()));
  return grpc::Status::OK;
}

grpc::Status TestService::UnaryCall(grpc::ServerContext* context, const grpc::testing::SimpleRequest* request,
                                    grpc::testing::SimpleResponse* response) {
  Note(*context);
  for (const auto& [key, value] : context->client_metadata()) {
    if (key == "x-echo") context->AddInitialMetadata("x-echo", std::string(value.data(), value.size()));
    if (key == "x-echo-trailing-bin") {
      context->AddTrailingMetadata("x-echo-trailing-bin", std::string(value.data(), value.size()));
    }
  }
  if (Has(*context, "x-hang")) return Hang(*context);
  if (request->has_response_status()) {
    return grpc::Status(static_cast<grpc::StatusCode>(request->response_status().code()),
                        request->response_status().message(), "details\x01\xff");
  }
  response->mutable_payload()->set_body(std::string(static_cast<size_t>(request->response_size()), 'x'));
  return grpc::Status::OK;
}

grpc::Status TestService::StreamingOutputCall(
    grpc::ServerContext* context, const grpc::testing::StreamingOutputCallRequest* request,
    grpc::ServerWriter<grpc::testing::StreamingOutputCallResponse>* writer) {
  ++calls;
  grpc::testing::StreamingOutputCallResponse response;
  for (const auto& parameters : request->response_parameters()) {
    response.mutable_payload()->set_body(std::string(static_cast<size_t>(parameters.size()), 'y'));
    if (!writer->Write(response)) return grpc::Status::CANCELLED;
    sent_bytes += parameters.size();
  }
  return Has(*context, "x-hang") ? Hang(*context) : grpc::Status::OK;
}

grpc::Status TestService::StreamingInputCall(
    grpc::ServerContext*, grpc::ServerReader<grpc::testing::StreamingInputCallRequest>* reader,
    grpc::testing::StreamingInputCallResponse* response) {
  ++calls;
  grpc::testing::StreamingInputCallRequest request;
  int total = 0;
  while (reader->Read(&request)) total += static_cast<int>(request.payload().body().size());
  response->set_aggregated_payload_size(total);
  return grpc::Status::OK;
}

grpc::Status TestService::FullDuplexCall(
    grpc::ServerContext*, grpc::ServerReaderWriter<grpc::testing::StreamingOutputCallResponse,
                                                   grpc::testing::StreamingOutputCallRequest>* stream) {
  ++calls;
  grpc::testing::StreamingOutputCallRequest request;
  while (stream->Read(&request)) {
    grpc::testing::StreamingOutputCallResponse response;
    response.mutable_payload()->set_body(request.payload().body());
    if (!stream->Write(response)) break;
  }
  return grpc::Status::OK;
}

namespace {

const grpc::health::v1::HealthCheckResponse& HealthOf(bool serving) {
  using Response = grpc::health::v1::HealthCheckResponse;
  const auto response = [](Response::ServingStatus status) {
    Response made;
    made.set_status(status);
    return made;
  };
  static const Response& up = *new Response(response(Response::SERVING));
  static const Response& down = *new Response(response(Response::NOT_SERVING));
  return serving ? up : down;
}

}  // namespace

class TestHealth::Watcher final : public grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse> {
 public:
  Watcher(TestHealth& owner, bool of_client) : owner_(owner), of_client_(of_client) {
    owner_.watches += of_client_;
    MutexLock lock(owner_.mutex_);
    owner_.watchers_.insert(this);
    Tell();
  }
  // The present state, once what is being said has been said.
  void Tell() ABSL_EXCLUSIVE_LOCKS_REQUIRED(owner_.mutex_) {
    news_ = true;
    if (writing_ || finished_) return;
    news_ = false;
    writing_ = true;
    StartWrite(&HealthOf(owner_.serving_));
  }
  void OnWriteDone(bool) override {
    MutexLock lock(owner_.mutex_);
    writing_ = false;
    if (news_) Tell();
  }
  void OnCancel() override {
    MutexLock lock(owner_.mutex_);
    finished_ = true;
    Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override {
    owner_.watches -= of_client_;
    {
      MutexLock lock(owner_.mutex_);
      owner_.watchers_.erase(this);
    }
    delete this;
  }

 private:
  TestHealth& owner_;
  const bool of_client_;
  bool news_ ABSL_GUARDED_BY(owner_.mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(owner_.mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(owner_.mutex_) = false;
};

void TestHealth::SetServing(bool serving) {
  MutexLock lock(mutex_);
  serving_ = serving;
  for (Watcher* watcher : watchers_) watcher->Tell();
}

grpc::ServerUnaryReactor* TestHealth::Check(grpc::CallbackServerContext* context,
                                            const grpc::health::v1::HealthCheckRequest*,
                                            grpc::health::v1::HealthCheckResponse* response) {
  response->set_status(grpc::health::v1::HealthCheckResponse::SERVING);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* TestHealth::Watch(
    grpc::CallbackServerContext* context, const grpc::health::v1::HealthCheckRequest*) {
  // The gateway gives every client's call a request id.
  return new Watcher(*this, context->client_metadata().count("x-request-id") > 0);
}

grpc::Status TestAuth::GetJwks(grpc::ServerContext*, const auth::v1::GetJwksRequest*,
                               auth::v1::Jwks* response) {
  ++fetches;
  MutexLock lock(mutex_);
  *response = keys_;
  return grpc::Status::OK;
}

grpc::Status TestAuth::GetMe(grpc::ServerContext*, const auth::v1::GetMeRequest*, auth::v1::Me*) {
  ++calls;
  return grpc::Status::OK;
}

grpc::Status TestAuth::Logout(grpc::ServerContext*, const auth::v1::LogoutRequest*,
                              google::protobuf::Empty*) {
  ++calls;
  return grpc::Status::OK;
}

void TestAuth::SetKeys(auth::v1::Jwks keys) {
  MutexLock lock(mutex_);
  keys_ = std::move(keys);
}

TestBackend::TestBackend(int port, std::shared_ptr<grpc::ServerCredentials> credentials, int max_streams,
                         int connection_age_ms) {
  grpc::ServerBuilder builder;
  if (connection_age_ms > 0) builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, connection_age_ms);
  if (max_streams > 0) builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, max_streams);
  builder.AddListeningPort(absl::StrCat("127.0.0.1:", port),
                           credentials ? credentials : grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(&service_);
  builder.RegisterService(&health_);
  builder.RegisterService(&auth_);
  server_ = builder.BuildAndStart();
}

void TestBackend::Drain() {
  health_.SetServing(false);
  arasta::testing::EventuallyStill([this] { return service_.calls.load(); });
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(10));
}

TestBackend::~TestBackend() {
  if (server_) server_->Shutdown(std::chrono::system_clock::now());
}

}  // namespace arasta::gateway
