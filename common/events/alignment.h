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

// `last` and `last_incarnation` are those of the stream's last entry, 0 and empty where there is none.
inline Alignment Align(const OutboxSide& outbox, int64_t last, absl::string_view last_incarnation) {
  Alignment alignment;
  alignment.forget = last > 0 && last_incarnation != outbox.incarnation;
  alignment.outlived = !alignment.forget && last > outbox.head;
  if (alignment.forget || alignment.outlived) last = 0;
  alignment.rewound = last < outbox.published;
  alignment.position = std::max(last, std::min(outbox.window_begin - 1, outbox.head));
  return alignment;
}

}  // namespace arasta::events
