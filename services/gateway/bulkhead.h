// How many calls of one route are under way, over all workers, and how many may be: what hangs behind one
// route must not take the room of all others.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "common/metrics/metrics.h"

namespace arasta::gateway {

// Thread-safe.
class Bulkhead {
 public:
  struct Leave {
    void operator()(Bulkhead* bulkhead) const { bulkhead->calls_.fetch_sub(1, std::memory_order_relaxed); }
  };
  // A call's, until it is destroyed.
  using Place = std::unique_ptr<Bulkhead, Leave>;

  // `route` is its name in the metrics.
  Bulkhead(const std::string& route, uint32_t most);
  Bulkhead(const Bulkhead&) = delete;
  Bulkhead& operator=(const Bulkhead&) = delete;

  // Null where all places are taken.
  Place Enter();

 private:
  const uint32_t most_;
  // Nothing but itself is published by it.
  std::atomic<uint32_t> calls_ = 0;
  metrics::Counter& refused_;
};

}  // namespace arasta::gateway
