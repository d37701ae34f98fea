// A consumer as a process of the simulation: the driver of events::PartitionReader, in the order of
// common/events/consumer.cc, each touch of the database, Redis or the producer a step of its own.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/events/partition_reader.h"
#include "common/events/timer.h"
#include "tests/chaos/simulation/inbox_rows.h"
#include "tests/chaos/simulation/outbox.h"
#include "tests/chaos/simulation/process.h"
#include "tests/chaos/simulation/relay_replica.h"
#include "tests/chaos/simulation/stream.h"

namespace arasta::simulation {

class ConsumerReplica {
 public:
  ConsumerReplica(World& world, const std::string& name, Outbox& outbox, Streams& streams, InboxRows& inbox)
      : world_(world), outbox_(outbox), streams_(streams), inbox_(inbox), process_(world, name, [this] {
          Boot();
        }) {}

  void OnHeads(const Heads& heads) { heads_ = heads; }

 private:
  // What is to be gone through before the round ends: a partition's entries, from the stream or the feed.
  struct Work {
    int partition;
    std::deque<Event> entries = {};
    bool from_feed = false;
    int64_t last_shown = 0;
    absl::optional<Heads> heads = {};
  };
  using Done = std::function<void(bool advanced)>;

  void Boot();
  void Round();
  absl::Status Renew();
  void ReadStreams();
  void GoOn();
  void Take(Work& work);
  bool IsIncomplete(const Work& work) const;
  void Replay(int partition);
  void Apply(int partition, const Event& event, const Done& done);
  void ApplyInHalves(int partition, const Event& event, const Done& done);
  void OnApplied(int partition, const Event& event, const absl::Status& status, const Done& done);
  void EndRound();
  bool MustRenew() const { return stale_ || renewal_.IsDue(process_.Now()); }

  World& world_;
  Outbox& outbox_;
  Streams& streams_;
  InboxRows& inbox_;
  Process process_;
  // What a death forgets.
  std::map<int, events::PartitionReader> readers_;
  bool stale_ = true;
  events::Timer renewal_{jobs::kRenewInterval};
  events::Timer ack_{absl::Seconds(5)};
  absl::optional<Heads> heads_;
  std::deque<Work> works_;
};

}  // namespace arasta::simulation
