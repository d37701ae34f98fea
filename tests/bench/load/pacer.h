// When the next request is due, and from when on its latency counts.
#pragma once

#include <cstdint>
#include <limits>

#include "absl/types/optional.h"

namespace arasta::bench {

// Nanoseconds of the steady clock.
using Nanos = int64_t;

// Open loop: a fixed beat, whatever the answers do. A request that could not be sent at its beat is sent
// late, but its latency counts from the beat: a stall of the server is felt by everyone who would have come
// meanwhile (coordinated omission otherwise hides it). Closed loop: so many under way at any time.
class Pacer {
 public:
  static Pacer OpenLoop(double per_second, Nanos start, Nanos end) {
    return Pacer(1e9 / per_second, 0, start, end);
  }
  static Pacer ClosedLoop(int in_flight, Nanos start, Nanos end) { return Pacer(0, in_flight, start, end); }

  // The intended start of a request that should be sent by now, if there is one.
  absl::optional<Nanos> Next(Nanos now) {
    if (interval_ == 0) {
      if (now >= end_ || under_way_ >= in_flight_) return absl::nullopt;
      ++under_way_;
      return now;
    }
    const Nanos due = NextDue();
    if (due >= end_ || due > now) return absl::nullopt;
    ++beats_;
    return due;
  }

  // A request was answered, or failed.
  void Ended() { --under_way_; }

  // When Next() should be asked at the latest; for ever where only an answer makes it due.
  Nanos NextDue() const {
    if (interval_ == 0) return std::numeric_limits<Nanos>::max();
    return start_ + static_cast<Nanos>(static_cast<double>(beats_) * interval_);
  }

  // No request will be due any more.
  bool Over(Nanos now) const { return interval_ == 0 ? now >= end_ : NextDue() >= end_; }

 private:
  Pacer(double interval, int in_flight, Nanos start, Nanos end)
      : interval_(interval), in_flight_(in_flight), start_(start), end_(end) {}

  double interval_;  // 0 in a closed loop.
  int in_flight_;
  Nanos start_;
  Nanos end_;
  int64_t beats_ = 0;
  int under_way_ = 0;
};

}  // namespace arasta::bench
