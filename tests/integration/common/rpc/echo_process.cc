// An EchoService as a process of its own, for tests that end it.
//   echo_process NAME PORT steady|mortal
// Probe answers NAME; a mortal one kills its process instead, in the middle of the call. SIGTERM drains.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

#include "tests/integration/common/rpc/echo_fixture.h"

namespace arasta::rpc {
namespace {

int Serve(const std::string& name, const std::string& port, bool mortal) {
  sigset_t terminations;
  sigemptyset(&terminations);
  sigaddset(&terminations, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &terminations, nullptr);
  ServerOptions options;
  options.listen = absl::StrCat("127.0.0.1:", port);
  EchoServer echo(std::move(options), /*workers=*/8);
  std::atomic<int> calls = 0;
  echo.handlers.echo = [&](const Call&, const EchoRequest&) {
    ++calls;
    return EchoResponse();
  };
  echo.handlers.probe = [&](const Call&) {
    ++calls;
    if (mortal) raise(SIGKILL);
    ProbeResponse response;
    response.set_server(name);
    return response;
  };
  if (!echo.server().Start().ok()) return 1;
  int signal = 0;
  sigwait(&terminations, &signal);
  // As rpc::Process does, which gives callers a fixed time to notice.
  echo.server().SetDraining();
  testing::EventuallyStill([&] { return calls.load(); });
  echo.server().Shutdown(absl::Seconds(5));
  return 0;
}

}  // namespace
}  // namespace arasta::rpc

int main(int argc, char** argv) {
  return argc == 4 ? arasta::rpc::Serve(argv[1], argv[2], argv[3] == std::string("mortal")) : 2;
}
