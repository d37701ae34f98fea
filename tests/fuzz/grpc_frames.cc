// gRPC's frames: the same verdict on the same bytes in any pieces.
#include "services/gateway/grpc_frames.h"

#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using arasta::gateway::FrameScanner;
  arasta::fuzz::Input input(data, size);
  const size_t piece = 1 + input.Byte() % 16;
  const uint32_t limit = 1u << (input.Byte() % 32);
  FrameScanner whole(limit);
  const absl::Status verdict = whole.Scan(input.rest());
  FrameScanner pieces(limit);
  absl::Status status;
  while (!input.empty() && status.ok()) status = pieces.Scan(input.Bytes(piece));
  arasta::fuzz::Require(verdict.code() == status.code(), "pieces are judged as the whole is");
  if (!verdict.ok()) return 0;
  arasta::fuzz::Require(whole.begun() == pieces.begun(), "as many messages");
  arasta::fuzz::Require(whole.at_boundary() == pieces.at_boundary(), "the same end");
  return 0;
}
