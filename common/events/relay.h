// The relay of a producer: gives the outbox's events their sequence and puts them into Redis.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/call/call.h"
#include "common/events/publication.h"
#include "common/events/timer.h"
#include "common/metrics/metrics.h"
#include "common/pg/pool.h"
#include "common/redis/redis.h"

namespace arasta::events {

struct RelayOptions {
  std::string producer;
  // Who must have read an event before it may be pruned, such as {"notification"}.
  std::vector<std::string> consumers = {};
  int batch = 512;  // events that are given a sequence at once
};

// Every replica runs one; the one that holds the advisory lock works, and its epoch fences it off should
// it lose the lock unawares. Wake is thread-safe; the rest is for one thread. Holds one connection of
// `pool` while it leads and a second one at work.
class Relay {
 public:
  Relay(pg::Pool& pool, redis::Pool& redis, const Clock& clock, RelayOptions options);
  ~Relay();

  // Works until stopped: whenever woken, and every poll interval.
  void Run(std::stop_token stop);

  // Says that the outbox may have something new. Returns at once: call it after the commit. Where
  // another replica leads, the word is passed on through Redis.
  void Wake();

  // One step: become the leader if nobody is, give sequences, publish, and the chores that are due.
  // Returns how many events were published; 0 where another replica leads.
  absl::StatusOr<int> RunOnce();

  bool leads() const { return lock_.has_value(); }

 private:
  absl::StatusOr<bool> Lead();
  void Resign();
  absl::Status StillLeads(const absl::Status& fenced);
  absl::Status Sequence();
  absl::Status AlignStreams();
  absl::Status Reincarnate();
  absl::StatusOr<int> Publish();
  absl::Status RecordPublished();
  absl::Status PublishHeads();
  absl::Status Trim();
  absl::Status Prune();
  bool Await(std::stop_token stop, absl::Duration limit);
  Call NewCall() const;

  pg::Pool& pool_;
  redis::Pool& redis_;
  const Clock& clock_;
  const RelayOptions options_;
  metrics::Counter& published_total_;
  metrics::Counter& rewinds_total_;
  metrics::Gauge& caught_up_;

  std::optional<pg::Lease> lock_;  // the session that holds the advisory lock, while leading
  int64_t epoch_ = 0;
  Publication publication_;
  struct Mark {
    absl::Time time;
    Sequences sequences;
  };
  std::deque<Mark> marks_;                  // how far Redis was when, for trimming
  Timer attempt_{absl::Milliseconds(500)};  // to lead
  Timer heads_{absl::Milliseconds(500)};
  Timer chores_{absl::Seconds(30)};

  Mutex mutex_;
  CondVar condition_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool pass_on_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace arasta::events
