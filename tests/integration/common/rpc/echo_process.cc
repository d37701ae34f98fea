// An EchoService as a process of its own, for tests that kill it.
//   echo_process NAME PORT steady|mortal
// Probe answers NAME; a mortal one kills its process instead, in the middle of the call.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "tests/integration/common/rpc/echo_fixture.h"

namespace arasta::rpc {
namespace {

int Serve(const std::string& name, const std::string& port, bool mortal) {
  ServerOptions options;
  options.listen = absl::StrCat("127.0.0.1:", port);
  EchoServer echo(std::move(options), /*workers=*/2);
  echo.handlers.probe = [&](const Call&) {
    if (mortal) raise(SIGKILL);
    ProbeResponse response;
    response.set_server(name);
    return response;
  };
  if (!echo.server().Start().ok()) return 1;
  for (;;) pause();
}

}  // namespace
}  // namespace arasta::rpc

int main(int argc, char** argv) {
  return argc == 4 ? arasta::rpc::Serve(argv[1], argv[2], argv[3] == std::string("mortal")) : 2;
}
