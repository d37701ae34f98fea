#include "tests/bench/servers/bare_server.h"

#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "common/base/cores.h"

namespace arasta::bench {
namespace {

std::string Content(const std::string& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::shared_ptr<grpc::ServerCredentials> CredentialsFrom(const BareServer::TlsFiles& tls) {
  if (tls.certificate.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({Content(tls.key), Content(tls.certificate)});
  return grpc::SslServerCredentials(options);
}

void ServeQueue(grpc::ServerCompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) static_cast<BareEvent*>(tag)->Happened(ok);
}

}  // namespace

void BareServer::Serve(const TlsFiles& tls, const std::function<void(int port)>& greet) const {
  // Before gRPC starts the first thread, so that only the wait below sees it.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", CredentialsFrom(tls), &port);
  for (grpc::Service* service : services_) builder.RegisterService(service);
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  for (int i = 0; i < UsableCores(); ++i) queues.push_back(builder.AddCompletionQueue());
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  std::vector<std::jthread> threads;
  for (const auto& queue : queues) {
    for (const auto& await_first : methods_) await_first(*queue);
    threads.emplace_back([&queue = *queue] { ServeQueue(queue); });
  }
  greet(port);
  int signal = 0;
  sigwait(&ends, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  for (const auto& queue : queues) queue->Shutdown();
}

}  // namespace arasta::bench
