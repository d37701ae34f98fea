// A client's HTTP/2 connection: raw frames after the preface, nghttp2's session and our callbacks.
#include <string>

#include "services/gateway/front_http2.h"
#include "tests/fuzz/front.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  arasta::fuzz::Input input(data, size);
  const size_t piece = 1 + input.Byte();
  arasta::fuzz::FrontFixture<arasta::gateway::FrontHttp2> front;
  // The preface and an empty SETTINGS: without them nothing else would ever be reached.
  front.Feed("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9));
  while (!input.empty()) front.Feed(input.Bytes(piece));
  return 0;
}
