// What a leading relay knows of its outbox and of its streams, and what follows from it: a pure state
// machine over what both sides say. relay.h owns the store and the transport.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "common/events/alignment.h"
#include "common/events/partition.h"

namespace arasta::events {

// A number per partition.
using Sequences = std::array<int64_t, kPartitions>;

struct OutboxState {
  std::string incarnation;
  Sequences heads{};      // the last sequence given
  Sequences published{};  // the last that was put into Redis
};

// What the outbox has to say on the ends of the streams.
struct OutboxView {
  Sequences window_begin;                       // the first sequence given within the window
  std::array<std::string, kPartitions> events;  // the ids of the events at the ends, where they still are
};

// A value. After OnLead and OnError the streams have to be compared before anything is added to them.
class Publication {
 public:
  // Somebody else may have led meanwhile.
  void OnLead() { aligned_ = false; }

  // Redis did not answer, or not well: one that comes back may be empty or older.
  void OnError() { aligned_ = false; }

  // The outbox as it is after sequences were given.
  void OnOutbox(OutboxState state);

  // What is to be done, given the last entry of each stream and what the outbox says of these.
  std::array<Alignment, kPartitions> Compare(const OutboxView& view,
                                             const std::array<StreamSide, kPartitions>& ends) const;

  // That was done.
  void OnAligned(const std::array<Alignment, kPartitions>& found);

  // The stream has this event, from now or from before a crash.
  void OnAdded(int partition, int64_t sequence) { state_.published.at(partition) = sequence; }

  bool aligned() const { return aligned_; }
  bool IsComplete() const { return state_.published == state_.heads; }
  const OutboxState& state() const { return state_; }

 private:
  bool aligned_ = false;  // state_.published is what Redis has
  OutboxState state_;
};

}  // namespace arasta::events
