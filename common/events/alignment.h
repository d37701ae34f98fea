// What a relay does when it meets Redis again: pure, given what both sides say of one partition.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace arasta::events {

struct Alignment {
  int64_t position = 0;   // the stream reaches this far; what follows is to be added
  bool forget = false;    // the stream is another incarnation's and goes
  bool rewound = false;   // Redis has lost what it once had
  bool outlived = false;  // Redis has what the database no longer has: it was restored
};

struct OutboxSide {
  absl::string_view incarnation;
  int64_t head = 0;
  int64_t published = 0;
  int64_t window_begin = 1;  // the first sequence still worth adding to the stream; replay has the rest
};

// The last entry of the stream; all zero and empty where there is none.
struct StreamSide {
  int64_t last = 0;
  absl::string_view incarnation;
  absl::string_view event_id;
};

// `event_id` is the outbox's event at the stream's last sequence, empty where there is none.
inline Alignment Align(const OutboxSide& outbox, const StreamSide& stream, absl::string_view event_id) {
  Alignment alignment;
  alignment.forget = stream.last > 0 && stream.incarnation != outbox.incarnation;
  // A sequence that was never given, or was given to another event.
  alignment.outlived =
      !alignment.forget && (stream.last > outbox.head || (!event_id.empty() && event_id != stream.event_id));
  const int64_t last = alignment.forget || alignment.outlived ? 0 : stream.last;
  alignment.rewound = last < outbox.published;
  alignment.position = std::max(last, std::min(outbox.window_begin - 1, outbox.head));
  return alignment;
}

}  // namespace arasta::events
