// How events are spread: the part of the bus that all processes agree on for ever.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/hash.h"

namespace arasta::events {

constexpr int kPartitions = 8;

inline int PartitionOf(absl::string_view aggregate) {
  return static_cast<int>(StableHash(aggregate) % kPartitions);
}

// The keys and channels in Redis:
//   events:<producer>:<partition>  stream, ids "<sequence>-0", one field "e": a serialised Envelope
//   heads:<producer>               channel, a serialised Heads every 500 ms
//   wake:<producer>                channel, empty messages: the outbox has something new
inline std::string StreamKey(absl::string_view producer, int partition) {
  return absl::StrCat("events:", producer, ":", partition);
}
inline std::string HeadsChannel(absl::string_view producer) {
  return absl::StrCat("heads:", producer);
}
inline std::string WakeChannel(absl::string_view producer) {
  return absl::StrCat("wake:", producer);
}

}  // namespace arasta::events
