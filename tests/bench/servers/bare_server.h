// Unary methods on bare completion queues, a thread a core: what gRPC alone costs. Nobody reads metadata,
// checks anything or writes a line.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace arasta::bench {

// A method of a generated service: its RequestXyz, which awaits the next call, and what answers one.
template <typename Service, typename Request, typename Response>
struct BareMethod {
  Service& service;
  void (Service::*await)(grpc::ServerContext*, Request*, grpc::ServerAsyncResponseWriter<Response>*,
                         grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*);
  std::function<void(const Request&, Response&)> answer;
};

// What a completion queue knows by its address.
class BareEvent {
 public:
  virtual ~BareEvent() = default;
  virtual void Happened(bool ok) = 0;
};

// One call, from being awaited to being answered; deletes itself.
template <typename Method, typename Request, typename Response>
class BareCall final : public BareEvent {
 public:
  BareCall(const Method& method, grpc::ServerCompletionQueue& queue)
      : method_(method), queue_(queue), writer_(&context_) {
    (method_.service.*method_.await)(&context_, &request_, &writer_, &queue_, &queue_, this);
  }

  void Happened(bool ok) override {
    if (finished_ || !ok) {
      delete this;
      return;
    }
    new BareCall(method_, queue_);
    finished_ = true;
    method_.answer(request_, response_);
    writer_.Finish(response_, grpc::Status::OK, this);
  }

 private:
  const Method& method_;
  grpc::ServerCompletionQueue& queue_;
  grpc::ServerContext context_;
  Request request_;
  Response response_;
  grpc::ServerAsyncResponseWriter<Response> writer_;
  bool finished_ = false;
};

class BareServer {
 public:
  struct TlsFiles {
    std::string certificate;  // empty: cleartext
    std::string key;
  };

  // `method` and its service outlive the server.
  template <typename Service, typename Request, typename Response>
  void Add(const BareMethod<Service, Request, Response>& method) {
    services_.insert(&method.service);
    methods_.push_back([&method](grpc::ServerCompletionQueue& queue) {
      new BareCall<BareMethod<Service, Request, Response>, Request, Response>(method, queue);
    });
  }

  // Serves on 127.0.0.1 until SIGTERM, and tells its port to `greet` once it does.
  void Serve(const TlsFiles& tls, const std::function<void(int port)>& greet) const;

 private:
  std::set<grpc::Service*> services_;
  std::vector<std::function<void(grpc::ServerCompletionQueue&)>> methods_;
};

}  // namespace arasta::bench
