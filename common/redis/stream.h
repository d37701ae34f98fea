// Streams whose entries have the explicit id "<sequence>-0" and one field, "e".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/redis/redis.h"

namespace arasta::redis {

struct StreamEntry {
  int64_t sequence = 0;
  std::string value = {};
};

// A place in a stream: what comes after `sequence`.
struct StreamPosition {
  std::string key;
  int64_t sequence;
};

// XADD key sequence-0 e value.
Args AddCommand(const std::string& key, int64_t sequence, std::string value);

// Whether XADD refused because the stream is already at this sequence or past it.
bool IsAlreadyThere(const Reply& reply);

// XTRIM key MINID sequence-0: forgets what is before.
Args TrimCommand(const std::string& key, int64_t sequence);

// The last entry of each stream in one round trip; sequence 0 where it is empty or absent.
absl::StatusOr<std::vector<StreamEntry>> LastEntries(Pool& pool, absl::Time deadline,
                                                     const std::vector<std::string>& keys);

struct ReadOptions {
  int count = 64;  // entries a stream at most
  // How long to wait where no stream has anything.
  absl::Duration block = absl::ZeroDuration();
};

// What an answer to XREAD holds for each position. INTERNAL where it is not one of ours.
absl::StatusOr<std::vector<std::vector<StreamEntry>>> StreamsOf(const Reply& reply,
                                                                absl::Span<const StreamPosition> positions);

// The entries after the positions, by one XREAD; one list a position. A stream that was emptied or
// rewound reads as empty, without an error.
absl::StatusOr<std::vector<std::vector<StreamEntry>>> ReadStreams(Pool& pool, absl::Time deadline,
                                                                  absl::Span<const StreamPosition> positions,
                                                                  const ReadOptions& options);

}  // namespace arasta::redis
