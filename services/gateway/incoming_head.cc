#include "services/gateway/incoming_head.h"

#include <utility>

namespace arasta::gateway {
namespace {

bool DecidesProtocol(absl::string_view name) {
  return name == ":method" || name == ":path" || name == "content-type" || name == "accept" ||
         name == "origin" || name == "x-request-id";
}

}  // namespace

void IncomingHead::Add(absl::string_view name, absl::string_view value, Indexing indexing) {
  const size_t size = name.size() + value.size() + HeaderBlock::kFieldOverhead;
  offered_bytes_ += size;
  const size_t total = fields_.list_size() + size;
  if (total > max_bytes_ && (total > 2 * max_bytes_ || !DecidesProtocol(name))) return;
  fields_.Add(name, value, indexing);
}

HeaderBlock IncomingHead::Take() {
  offered_bytes_ = 0;
  return std::exchange(fields_, {});
}

}  // namespace arasta::gateway
