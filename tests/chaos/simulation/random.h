// Randomness that is the same for a seed on every machine and for ever (SplitMix64).
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace arasta::simulation {

// A value.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // From 0 to `n` − 1.
  int Below(size_t n) { return static_cast<int>(Next() % n); }

  bool PerMille(int chance) { return Below(1000) < chance; }

  absl::Duration Between(absl::Duration least, absl::Duration most) {
    const int64_t span = absl::ToInt64Microseconds(most - least);
    return least + absl::Microseconds(static_cast<int64_t>(Next() % static_cast<uint64_t>(span + 1)));
  }

  template <typename List>
  auto& AnyOf(List& list) {
    return list[static_cast<size_t>(Below(std::size(list)))];
  }

  Uuid NextUuid() {
    Uuid::Bytes bytes{};
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(Next());
    return Uuid::V8(bytes);
  }

 private:
  uint64_t state_;
};

}  // namespace arasta::simulation
