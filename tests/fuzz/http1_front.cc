// A client's HTTP/1.1 connection, from its bytes to the gateway's own answers.
#include "services/gateway/front_http1.h"
#include "tests/fuzz/front.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  arasta::fuzz::Input input(data, size);
  const size_t piece = 1 + input.Byte();
  arasta::fuzz::FrontFixture<arasta::gateway::FrontHttp1> front;
  while (!input.empty()) front.Feed(input.Bytes(piece));
  return 0;
}
