// bench_bare_echo: EchoService on a bare server. Prints {"port":…}. A certificate and key make it TLS.
#include <cstdio>

#include "absl/strings/str_format.h"
#include "arasta/testing/v1/echo_service.grpc.pb.h"
#include "tests/bench/servers/bare_server.h"

namespace arasta::bench {
namespace {

using testing::v1::EchoRequest;
using testing::v1::EchoResponse;
using Stubs = testing::v1::EchoService;
using Echoes = Stubs::WithAsyncMethod_Echo<Stubs::Service>;
using Service = Stubs::WithAsyncMethod_EchoAsUser<Echoes>;

void Echo(const EchoRequest& request, EchoResponse& response) {
  response.set_text(request.text());
}

int Main(int argc, char** argv) {
  Service service;
  const BareMethod<Echoes, EchoRequest, EchoResponse> echo{service, &Echoes::RequestEcho, Echo};
  const BareMethod<Service, EchoRequest, EchoResponse> echo_as_user{service, &Service::RequestEchoAsUser,
                                                                    Echo};
  BareServer server;
  server.Add(echo);
  server.Add(echo_as_user);
  const BareServer::TlsFiles tls =
      argc == 3 ? BareServer::TlsFiles{argv[1], argv[2]} : BareServer::TlsFiles{};
  server.Serve(tls, [](int port) {
    absl::PrintF("{\"port\":%d}\n", port);
    std::fflush(stdout);
  });
  return 0;
}

}  // namespace
}  // namespace arasta::bench

int main(int argc, char** argv) {
  return arasta::bench::Main(argc, argv);
}
