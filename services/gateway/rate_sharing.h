// Makes the buckets of several gateways one: a thread that tells Redis, every tenth of a second, what was
// taken from each bucket here, and learns what is missing in it altogether. Calls never wait for it; without
// Redis each gateway goes on with its own buckets, and what Redis forgets is forgiven.
//
// How much too much n gateways admit of one key: beyond the limit's burst + rate × time, at most (n − 1) ×
// (burst + rate × twice the time between two exchanges, as one tells and then another hears of it), and once,
// as Redis adds up what all of them admitted and everybody waits until it is made good. While Redis is away
// it is n times the limit.
//
//   rate:{class}:{key, 16 hex digits} = Redis' own time in µs at which the bucket will be full; expires then
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/base/mutex.h"
#include "common/metrics/metrics.h"
#include "common/redis/redis.h"
#include "services/gateway/rate_limiter.h"

namespace arasta::gateway {

// Of what Redis answers to an exchange of `buckets`: what each of them lacks altogether, in µs, and `most` at
// most. INTERNAL for anything but our script's answer.
absl::StatusOr<std::vector<int64_t>> LackingIn(const redis::Reply& reply, size_t buckets, int64_t most);

class RateSharing {
 public:
  RateSharing(const redis::Options& redis, std::shared_ptr<RateLimiter> limiter);

  // Shares this one's buckets from now on. Thread-safe.
  void Share(std::shared_ptr<RateLimiter> limiter);

  // Until the stop; on a thread of its own.
  void Run(const std::stop_token& stop);
  // One exchange. What could not be told is not told again: it may have been heard, and to charge it twice
  // would hurt clients that did nothing wrong.
  absl::Status RunOnce(int64_t now_ns);

 private:
  struct Batch {
    RateTable* table;
    std::vector<RateTable::Taken> taken;
    redis::Args command;
  };

  static std::vector<Batch> Collect(const RateLimiter& limiter, int64_t now_ns);
  void Note(const absl::Status& status);

  redis::Pool redis_;
  metrics::Gauge& shared_;
  metrics::Counter& exchanges_;
  metrics::Counter& failures_;
  bool told_of_failure_ = false;
  Mutex mutex_;
  std::shared_ptr<RateLimiter> limiter_ ABSL_GUARDED_BY(mutex_);
  CondVar stopped_;
};

}  // namespace arasta::gateway
