// gRPC-Web's requests, binary and base64 text, in any pieces.
#include <string>

#include "services/gateway/base64_decoder.h"
#include "services/gateway/front_codec.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

struct Decoded {
  std::string bytes;
  bool ok = true;
};

Decoded Decode(absl::string_view text, size_t piece) {
  gateway::Base64Decoder decoder;
  Decoded decoded;
  Input input(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  while (decoded.ok && !input.empty()) decoded.ok = decoder.Decode(input.Bytes(piece), decoded.bytes);
  decoded.ok = decoded.ok && decoder.Finish();
  return decoded;
}

absl::Status Request(bool text, absl::string_view body, size_t piece, std::string& frames) {
  const auto codec = gateway::NewGrpcWebCodec("+proto", text, text);
  gateway::ByteQueue queue;
  Input input(reinterpret_cast<const uint8_t*>(body.data()), body.size());
  absl::Status status;
  while (status.ok() && !input.empty()) status = codec->Request(input.Bytes(piece), queue);
  if (status.ok()) status = codec->RequestEnd(queue);
  frames = std::string(queue.front());
  return status;
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using arasta::fuzz::Decode;
  using arasta::fuzz::Request;
  using arasta::fuzz::Require;
  arasta::fuzz::Input input(data, size);
  const size_t piece = 1 + input.Byte() % 8;
  const bool text = input.Byte() % 2 == 0;
  const absl::string_view body = input.rest();

  const auto whole = Decode(body, body.size() + 1);
  const auto pieces = Decode(body, piece);
  Require(whole.ok == pieces.ok, "base64 in pieces is judged as the whole is");
  Require(!whole.ok || whole.bytes == pieces.bytes, "and decoded alike");

  std::string frames, frames_of_pieces;
  const absl::Status status = Request(text, body, body.size() + 1, frames);
  const absl::Status status_of_pieces = Request(text, body, piece, frames_of_pieces);
  Require(status.code() == status_of_pieces.code(), "a request in pieces is judged as the whole is");
  Require(!status.ok() || frames == frames_of_pieces, "and understood alike");
  return 0;
}
