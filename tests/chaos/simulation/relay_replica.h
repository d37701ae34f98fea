// A relay as a process of the simulation: the driver of events::Publication over a database and streams
// that fail, in the order of common/events/relay.cc, each touch of either a step of its own.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "common/events/publication.h"
#include "common/events/timer.h"
#include "tests/chaos/simulation/outbox.h"
#include "tests/chaos/simulation/process.h"
#include "tests/chaos/simulation/stream.h"

namespace arasta::simulation {

struct Heads {
  std::string incarnation;
  events::Sequences sequences{};
};

class RelayReplica {
 public:
  RelayReplica(World& world, const std::string& name, Outbox& outbox, Streams& streams,
               std::function<void(const Heads&)> publish_heads)
      : world_(world),
        outbox_(outbox),
        streams_(streams),
        publish_heads_(std::move(publish_heads)),
        process_(world, name, [this] { Boot(); }) {}

 private:
  void Boot();
  void Round();
  void Sequence();
  void LookAtStreams();
  void Align(const std::array<Event, events::kPartitions>& ends);
  void Publish();
  void Add(std::vector<Event> events);
  void Record();
  void EndRound();
  void GiveUp(const absl::Status& status);

  World& world_;
  Outbox& outbox_;
  Streams& streams_;
  const std::function<void(const Heads&)> publish_heads_;
  Process process_;
  // What a death forgets.
  bool leads_ = false;
  int64_t epoch_ = 0;
  int64_t connected_to_ = 0;
  events::Publication publication_;
  events::Timer attempt_{absl::Milliseconds(500)};
  events::Timer heads_{absl::Milliseconds(500)};
};

}  // namespace arasta::simulation
