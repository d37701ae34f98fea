// Redis' streams as the bus uses them: they forget, and answers get lost.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/events/partition.h"
#include "tests/chaos/simulation/world.h"

namespace arasta::simulation {

struct Event {
  std::string id;
  std::string aggregate;
  int64_t version = 0;
  int partition = 0;
  int64_t sequence = 0;  // 0: none yet
  std::string incarnation = {};
  bool poison = false;
};

class Streams {
 public:
  using Contents = std::array<std::deque<Event>, events::kPartitions>;

  explicit Streams(World& world) : world_(world) {}

  // XADD: refused where the stream is there or further, as Redis does. UNAVAILABLE: perhaps added.
  absl::Status Add(const Event& event);
  // XREAD: at most `count` after `sequence`. UNAVAILABLE.
  absl::StatusOr<std::vector<Event>> Read(int partition, int64_t sequence, size_t count) const;
  // XREVRANGE … COUNT 1 of each; sequence 0 where there is none.
  absl::StatusOr<std::array<Event, events::kPartitions>> Ends() const;
  absl::Status Delete(int partition);

  // Loses or regains its memory, now and then.
  void Forget();
  // Only streams that keep what they have tell of a restored outbox at once.
  void KeepMemory() { forgets_ = false; }

 private:
  World& world_;
  Contents streams_;
  Contents snapshot_;
  bool forgets_ = true;
};

}  // namespace arasta::simulation
