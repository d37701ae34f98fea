// bench_bare_echo: what gRPC alone costs: the same EchoService on bare completion queues, a thread a core,
// that reads no metadata, checks nothing and writes no line. Prints {"port":…}. A certificate and key make it
// TLS.
#include <grpcpp/grpcpp.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "arasta/testing/v1/echo_service.grpc.pb.h"
#include "common/rpc/cores.h"

namespace arasta::bench {
namespace {

using testing::v1::EchoRequest;
using testing::v1::EchoResponse;

using Service = testing::v1::EchoService::WithAsyncMethod_Echo<
    testing::v1::EchoService::WithAsyncMethod_EchoAsUser<testing::v1::EchoService::Service>>;

// One call, from being awaited to being answered; deletes itself.
class BareCall {
 public:
  BareCall(Service& service, grpc::ServerCompletionQueue& queue, bool as_user)
      : service_(service), queue_(queue), as_user_(as_user), writer_(&context_) {
    if (as_user_) {
      service_.RequestEchoAsUser(&context_, &request_, &writer_, &queue_, &queue_, this);
    } else {
      service_.RequestEcho(&context_, &request_, &writer_, &queue_, &queue_, this);
    }
  }

  void OnEvent(bool ok) {
    if (finished_ || !ok) {
      delete this;
      return;
    }
    new BareCall(service_, queue_, as_user_);
    finished_ = true;
    response_.set_text(request_.text());
    writer_.Finish(response_, grpc::Status::OK, this);
  }

 private:
  Service& service_;
  grpc::ServerCompletionQueue& queue_;
  const bool as_user_;
  grpc::ServerContext context_;
  EchoRequest request_;
  EchoResponse response_;
  grpc::ServerAsyncResponseWriter<EchoResponse> writer_;
  bool finished_ = false;
};

std::string Content(const char* file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::shared_ptr<grpc::ServerCredentials> CredentialsFrom(int argc, char** argv) {
  if (argc != 3) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({Content(argv[2]), Content(argv[1])});
  return grpc::SslServerCredentials(options);
}

int Main(int argc, char** argv) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  Service service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", CredentialsFrom(argc, argv), &port);
  builder.RegisterService(&service);
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  for (int i = 0; i < rpc::UsableCores(); ++i) queues.push_back(builder.AddCompletionQueue());
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  std::vector<std::jthread> threads;
  for (const auto& queue : queues) {
    new BareCall(service, *queue, false);
    new BareCall(service, *queue, true);
    threads.emplace_back([&queue = *queue] {
      void* tag = nullptr;
      bool ok = false;
      while (queue.Next(&tag, &ok)) static_cast<BareCall*>(tag)->OnEvent(ok);
    });
  }
  absl::PrintF("{\"port\":%d}\n", port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  for (const auto& queue : queues) queue->Shutdown();
  return 0;
}

}  // namespace
}  // namespace arasta::bench

int main(int argc, char** argv) {
  return arasta::bench::Main(argc, argv);
}
