// What Redis may answer to a read of streams or to an exchange of rates, in any shape, and the events in it.
#include <string>
#include <vector>

#include "arasta/events/v1/events.pb.h"
#include "common/redis/stream.h"
#include "services/gateway/rate_sharing.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

// A tree of replies: a byte says what comes, another how long it is.
redis::Reply ReplyFrom(Input& input, int depth) {
  using Kind = redis::Reply::Kind;
  redis::Reply reply;
  const uint8_t kind = input.Byte() % 8;
  if (kind >= 4 && depth < 5) {
    reply.kind = Kind::kArray;
    const int count = kind == 7 ? 2 : input.Byte() % 6;
    for (int i = 0; i < count && !input.empty(); ++i) reply.elements.push_back(ReplyFrom(input, depth + 1));
  } else if (kind == 1) {
    reply.kind = Kind::kInteger;
    reply.integer = input.Byte();
  } else if (kind != 0) {
    reply.kind = kind == 2 ? Kind::kError : Kind::kString;
    reply.text = std::string(input.Bytes(input.Byte()));
  }
  return reply;
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace arasta;  // NOLINT: a target is one function
  fuzz::Input input(data, size);
  const std::vector<redis::StreamPosition> positions = {{"events:order:0", 1}, {"events:order:1", 2}};
  const redis::Reply reply = fuzz::ReplyFrom(input, 0);
  (void)redis::StatusOfReply(reply);
  (void)redis::IsAlreadyThere(reply);
  constexpr int64_t kMost = 100;
  const auto lacking = gateway::LackingIn(reply, 2, kMost);
  if (lacking.ok()) {
    fuzz::Require(lacking->size() == 2, "a number a bucket");
    for (const int64_t us : *lacking) fuzz::Require(us >= 0 && us <= kMost, "that can be missing in it");
  }
  const auto lists = redis::StreamsOf(reply, positions);
  if (!lists.ok()) return 0;
  fuzz::Require(lists->size() == positions.size(), "a list a stream");
  for (const auto& list : *lists) {
    for (const redis::StreamEntry& entry : list) {
      events::v1::Envelope event;
      (void)event.ParseFromString(entry.value);
    }
  }
  return 0;
}
