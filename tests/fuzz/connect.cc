// Connect: queries of GETs, envelopes that may be gzip in any pieces, and errors from whatever trailers say.
#include "services/gateway/connect.h"

#include <nlohmann/json.hpp>
#include <string>

#include "services/gateway/message_decoder.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

constexpr uint32_t kLimit = 64 * 1024;

struct Decoded {
  absl::Status status;
  std::string frames;
};

// A map's messages are inflated whole, others piece by piece.
Decoded Decode(absl::string_view body, size_t piece, const gateway::MessageMap& map = nullptr) {
  gateway::MessageDecoder decoder({kLimit, /*gzip=*/true, map});
  Decoded decoded;
  Input input(reinterpret_cast<const uint8_t*>(body.data()), body.size());
  while (decoded.status.ok() && !input.empty()) {
    decoder.input().Append(input.Bytes(piece));
    do {
      gateway::ByteQueue frames;
      decoded.status = decoder.Advance(frames);
      Require(frames.size() <= 2 * (kLimit + gateway::kFrameHeadSize),
              "no more at a time than there is room for");
      decoded.frames.append(frames.front().data(), frames.size());
    } while (decoded.status.ok() && !decoder.starved());
  }
  return decoded;
}

void DecodeInPieces(absl::string_view body, size_t piece) {
  const Decoded whole = Decode(body, body.size() + 1);
  const Decoded pieces = Decode(body, piece);
  Require(whole.status.code() == pieces.status.code(), "envelopes in pieces are judged as the whole is");
  Require(!whole.status.ok() || whole.frames == pieces.frames, "and decoded alike");
  const Decoded mapped = Decode(body, piece, [](absl::string_view message, std::string& wire) {
    wire.append(message.data(), message.size());
    return absl::OkStatus();
  });
  Require(whole.status.code() == mapped.status.code(), "a map that changes nothing changes no verdict");
  Require(!whole.status.ok() || whole.frames == mapped.frames, "and no message");
}

void Get(absl::string_view target) {
  gateway::Method method;
  method.max_request_bytes = kLimit;
  const auto codec = gateway::NewConnectGetCodec(gateway::ParseConnectQuery(target), method, {});
  gateway::ByteQueue frames;
  if (!codec->Terms(gateway::RequestHead()).ok()) return;
  Require(codec->RequestEnd(frames).ok() && frames.size() >= 5, "a good query is a message");
}

void Tell(Input input) {
  gateway::HeaderBlock trailers;
  trailers.Add("grpc-status", input.Line());
  trailers.Add("grpc-message", input.Line());
  trailers.Add("grpc-status-details-bin", input.Line());
  while (!input.empty()) {
    const absl::string_view name = input.Line();
    trailers.Add(name, input.Line());
  }
  for (const std::string& text : {gateway::ConnectError(trailers), gateway::ConnectMetadata(trailers)}) {
    Require(nlohmann::json::accept(text), "what is told is JSON");
  }
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  arasta::fuzz::Input input(data, size);
  const uint8_t mode = input.Byte();
  if (mode % 3 == 0) arasta::fuzz::Get(input.rest());
  if (mode % 3 == 1) arasta::fuzz::DecodeInPieces(input.rest(), 1 + mode / 3);
  if (mode % 3 == 2) arasta::fuzz::Tell(input);
  return 0;
}
