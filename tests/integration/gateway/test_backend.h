// A real gRPC server with the services of gRPC's own interoperability tests, and what a test wants to
// know of it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/synchronization/notification.h"
#include "arasta/auth/v1/auth_service.grpc.pb.h"
#include "common/base/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/testing/test.grpc.pb.h"

namespace arasta::gateway {

// What a call carries in its request decides what happens:
//   CacheableUnaryCall   tells the process's id as server_id
//   UnaryCall            answers response_size bytes or response_status; "x-echo" metadata comes back as
//                        initial metadata, "x-echo-trailing-bin" as trailing; "x-hang" waits for the end
//   StreamingOutputCall  one message per response_parameters; then, with "x-hang", waits for the end
class TestService final : public grpc::testing::TestService::Service {
 public:
  grpc::Status EmptyCall(grpc::ServerContext* context, const grpc::testing::Empty* request,
                         grpc::testing::Empty* response) override;
  grpc::Status CacheableUnaryCall(grpc::ServerContext* context, const grpc::testing::SimpleRequest* request,
                                  grpc::testing::SimpleResponse* response) override;
  grpc::Status UnaryCall(grpc::ServerContext* context, const grpc::testing::SimpleRequest* request,
                         grpc::testing::SimpleResponse* response) override;
  grpc::Status StreamingOutputCall(
      grpc::ServerContext* context, const grpc::testing::StreamingOutputCallRequest* request,
      grpc::ServerWriter<grpc::testing::StreamingOutputCallResponse>* writer) override;
  grpc::Status StreamingInputCall(grpc::ServerContext* context,
                                  grpc::ServerReader<grpc::testing::StreamingInputCallRequest>* reader,
                                  grpc::testing::StreamingInputCallResponse* response) override;
  grpc::Status FullDuplexCall(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<grpc::testing::StreamingOutputCallResponse,
                               grpc::testing::StreamingOutputCallRequest>* stream) override;

  std::atomic<int> calls = 0;
  // So many calls are next answered UNAVAILABLE.
  std::atomic<int> unavailable = 0;
  // Cacheable ones wait for the end.
  std::atomic<bool> hangs = false;
  // And then, so many cacheable ones RESOURCE_EXHAUSTED.
  std::atomic<int> busy = 0;
  std::atomic<int64_t> sent_bytes = 0;
  // Of the last call that hung: when it began, and when its handler saw the end.
  absl::Notification hanging;
  absl::Notification cancelled;
  // From which calls have come.
  size_t connections();
  std::multimap<std::string, std::string> last_metadata;
  std::chrono::system_clock::time_point last_deadline;

 private:
  bool TakeUnavailable() { return unavailable > 0 && unavailable-- > 0; }
  void Note(const grpc::ServerContext& context);
  void NotePeer(const grpc::ServerContext& context);
  // Returns when the client is gone.
  grpc::Status Hang(grpc::ServerContext& context);

  Mutex mutex_;
  std::set<std::string> peers_ ABSL_GUARDED_BY(mutex_);
};

// Watch tells SERVING until told otherwise, or until the client leaves; thousands of them hold no thread.
class TestHealth final : public grpc::health::v1::Health::CallbackService {
 public:
  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest*,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext*, const grpc::health::v1::HealthCheckRequest*) override;

  // Tells those who watch, and who will.
  void SetServing(bool serving);

  std::atomic<int> watches = 0;  // of clients, that run; not the gateway's own

 private:
  class Watcher;

  Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = true;
  std::set<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

// Publishes the keys it was given.
class TestAuth final : public auth::v1::AuthService::Service {
 public:
  grpc::Status GetJwks(grpc::ServerContext*, const auth::v1::GetJwksRequest*,
                       auth::v1::Jwks* response) override;
  grpc::Status GetMe(grpc::ServerContext*, const auth::v1::GetMeRequest*, auth::v1::Me*) override;
  grpc::Status Logout(grpc::ServerContext*, const auth::v1::LogoutRequest*,
                      google::protobuf::Empty*) override;

  void SetKeys(auth::v1::Jwks keys);
  std::atomic<int> fetches = 0;
  std::atomic<int> calls = 0;

 private:
  Mutex mutex_;
  auth::v1::Jwks keys_ ABSL_GUARDED_BY(mutex_);
};

class TestBackend {
 public:
  // Port 0 picks one. Takes `max_streams` calls over a connection at a time, or any number; and calls over a
  // connection until that is `connection_age_ms` old, or for good.
  explicit TestBackend(int port = 0, std::shared_ptr<grpc::ServerCredentials> credentials = nullptr,
                       int max_streams = 0, int connection_age_ms = 0);
  ~TestBackend();

  // As every process of ours: says so, serves until callers have noticed, takes no more calls and lets those
  // that run finish.
  void Drain();
  int port() const { return port_; }
  TestService& service() { return service_; }
  TestHealth& health() { return health_; }
  TestAuth& auth() { return auth_; }

 private:
  TestService service_;
  TestHealth health_;
  TestAuth auth_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace arasta::gateway
