// Where throttle states live: in the cache Redis, shared by all replicas; in memory at a quarter of the
// rate while Redis is away. Key: "throttle:<what>:<HMAC>"; value: ThrottleState's encoding; always
// expires. Losing Redis' copy forgives what was counted, no more.
#pragma once

#include <atomic>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/metrics/metrics.h"
#include "common/redis/redis.h"
#include "common/trace/trace.h"
#include "services/auth/throttle.h"

namespace arasta::auth {

// What is counted under one key, and how.
struct ThrottleKey {
  std::string name;
  const ThrottlePolicy* policy;
};

// Thread-safe.
class ThrottleStore {
 public:
  using Step = absl::FunctionRef<void(ThrottleState&, const ThrottlePolicy&)>;

  explicit ThrottleStore(redis::Pool& redis);

  // Puts a key's state through `step`, atomically; `step` may run more than once. ABORTED where the key
  // is so busy that it can't be stepped; only an attack does that.
  absl::Status Update(const trace::Context& trace, const ThrottleKey& key, Step step);

 private:
  absl::Status UpdateInRedis(const trace::Context& trace, const ThrottleKey& key, Step step);
  void UpdateHere(const ThrottleKey& key, Step step);

  redis::Pool& redis_;
  metrics::Counter& without_redis_;
  // While a Redis that hangs is left alone, in Unix nanoseconds.
  std::atomic<int64_t> avoid_until_{0};

  Mutex mutex_;
  // Two generations bound the memory: when `young_` is full it becomes `old_`.
  absl::flat_hash_map<std::string, ThrottleState> young_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, ThrottleState> old_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace arasta::auth
