// The consuming side of the event bus: reads the partitions of its producers in order and has each event
// applied once.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "arasta/events/v1/events.pb.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/call/call.h"
#include "common/events/inbox.h"
#include "common/events/partition_reader.h"
#include "common/events/timer.h"
#include "common/metrics/metrics.h"
#include "common/pg/pool.h"
#include "common/redis/redis.h"
#include "common/redis/stream.h"

namespace arasta::events {

// A producer's outbox, for what the stream no longer has: over gRPC (feed_rpc.h), or directly in tests.
class Feed {
 public:
  virtual ~Feed() = default;
  virtual absl::StatusOr<v1::ReplayEventsResponse> ReplayEvents(const Call& call,
                                                                const v1::ReplayEventsRequest& request) = 0;
  virtual absl::StatusOr<v1::AckEventsResponse> AckEvents(const Call& call,
                                                          const v1::AckEventsRequest& request) = 0;
};

struct Producer {
  std::string name;
  Feed* feed;  // outlives the consumer
};

struct ConsumerOptions {
  std::string consumer;  // the service, such as "notification"
  std::vector<Producer> producers;
  std::string owner = {};  // this process; a random UUID where empty
  int batch = 64;          // events a partition and round
  const Clock* clock = &RealClock();
};

// Replicas share the partitions evenly, by leases in the database, which counts them: a service has one
// consumer a process. OnHeads is thread-safe; the rest is for one thread.
class Consumer {
 public:
  Consumer(ConsumerOptions options, pg::Pool& pool, redis::Pool& redis, Handler handler);

  // Works until stopped, then gives its leases back.
  void Run(std::stop_token stop);

  // One round over all leased partitions, without waiting. Returns how many events left their partition,
  // applied or parked. A partition that fails stops alone.
  absl::StatusOr<int> RunOnce();

  // Notes how far a producer says its streams reach.
  void OnHeads(const v1::Heads& heads);

 private:
  // With the heads as they were known before the streams were read.
  using HeadsOf = std::map<std::string, v1::Heads>;

  absl::StatusOr<int> RunRound(absl::Duration block);
  absl::Status Renew();
  bool MustRenew() const { return stale_ || renewal_.IsDue(options_.clock->Now()); }
  int ReadEntries(const PartitionId& id, PartitionReader& reader,
                  const std::vector<redis::StreamEntry>& entries);
  bool IsIncomplete(const PartitionId& id, const PartitionReader& reader,
                    const std::vector<redis::StreamEntry>& entries, const HeadsOf& heads) const;
  int ReplayAll(std::vector<PartitionId> incomplete);
  int Replay(const PartitionId& id, PartitionReader& reader);
  absl::StatusOr<int> ReplayPage(const PartitionId& id, PartitionReader& reader);
  absl::StatusOr<Cursor> BeginOfOutbox(const PartitionId& id, const PartitionReader& reader,
                                       const absl::Status& expired);
  bool Advance(const PartitionId& id, PartitionReader& reader, const v1::Envelope& event);
  void Redrive();
  void Acknowledge();
  void CountDeadLetters();
  Call NewCall() const;

  const ConsumerOptions options_;
  redis::Pool& redis_;
  Inbox inbox_;
  std::map<std::string, Feed*> feeds_;
  metrics::Counter& applied_total_;
  metrics::Counter& replayed_total_;
  metrics::Counter& failures_total_;
  metrics::Counter& parked_total_;
  metrics::Gauge& dead_letters_;
  metrics::Gauge& caught_up_;

  std::map<PartitionId, PartitionReader> readers_;  // of the partitions held
  bool stale_ = true;                               // the database knows better what readers_ should say
  bool reading_ = false;                            // the last round had a partition to read
  size_t rotation_ = 0;
  Timer renewal_{absl::Seconds(3)};
  Timer redrive_{absl::Seconds(1)};
  Timer ack_{absl::Seconds(5)};
  Timer count_{absl::Seconds(10)};
  Timer prune_{absl::Minutes(1)};

  Mutex mutex_;
  HeadsOf heads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace arasta::events
