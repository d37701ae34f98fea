#include "tests/chaos/simulation/relay_replica.h"

#include <utility>

namespace arasta::simulation {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(200);
constexpr absl::Duration kStep = absl::Milliseconds(1);
constexpr size_t kBatch = 4;

}  // namespace

// The session that held the lock went with the process that died.
void RelayReplica::Boot() {
  outbox_.Resign(process_.name());
  leads_ = false;
  publication_ = {};
  Round();
}

void RelayReplica::Round() {
  if (!leads_) {
    if (!attempt_.Take(process_.Now())) return EndRound();
    const absl::optional<int64_t> epoch = outbox_.Lead(process_.name());
    if (!epoch) return EndRound();
    world_.Trace(process_.name(), " leads, epoch ", *epoch);
    leads_ = true;
    epoch_ = *epoch;
    connected_to_ = outbox_.generation();
    publication_.OnLead();
  }
  if (publication_.aligned() && !outbox_.HasUnsequenced(connected_to_) && publication_.IsComplete())
    return EndRound();
  process_.Then(kStep, [this] { Sequence(); });
}

void RelayReplica::Sequence() {
  absl::StatusOr<events::OutboxState> state = outbox_.Sequence(epoch_, connected_to_);
  if (!state.ok()) {
    outbox_.Resign(process_.name());
    leads_ = false;
    return EndRound();
  }
  publication_.OnOutbox(*std::move(state));
  process_.Then(kStep, [this] { publication_.aligned() ? Publish() : LookAtStreams(); });
}

void RelayReplica::LookAtStreams() {
  const absl::StatusOr<std::array<Event, events::kPartitions>> ends = streams_.Ends();
  if (!ends.ok()) return GiveUp(ends.status());
  process_.Then(kStep, [this, ends = *ends] { Align(ends); });
}

void RelayReplica::Align(const std::array<Event, events::kPartitions>& ends) {
  events::Sequences sequences;
  std::array<events::StreamSide, events::kPartitions> sides;
  for (size_t i = 0; i < ends.size(); ++i) {
    sequences[i] = ends[i].sequence;
    sides[i] = {ends[i].sequence, ends[i].incarnation, ends[i].id};
  }
  const auto found = publication_.Compare(outbox_.View(sequences), sides);
  for (int i = 0; i < events::kPartitions; ++i) {
    if (found[i].outlived) {
      const absl::Status status = outbox_.Reincarnate(epoch_);
      return GiveUp(status.ok() ? absl::AbortedError("reincarnated") : status);
    }
    if (!found[i].forget) continue;
    const absl::Status status = streams_.Delete(i);
    if (!status.ok()) return GiveUp(status);
  }
  publication_.OnAligned(found);
  process_.Then(kStep, [this] { Record(); });
}

void RelayReplica::Publish() {
  const events::OutboxState& state = publication_.state();
  std::vector<Event> events;
  for (int i = 0; i < events::kPartitions; ++i) {
    if (state.published[i] == state.heads[i]) continue;
    for (Event& event : outbox_.ReadAfter(i, state.published[i], kBatch)) {
      event.incarnation = state.incarnation;
      events.push_back(std::move(event));
    }
  }
  if (events.empty()) return EndRound();
  process_.Then(kStep, [this, events = std::move(events)] { Add(events); });
}

void RelayReplica::Add(std::vector<Event> events) {
  for (const Event& event : events) {
    const absl::Status status = streams_.Add(event);
    if (!status.ok()) return GiveUp(status);
    publication_.OnAdded(event.partition, event.sequence);
  }
  process_.Then(kStep, [this] { Record(); });
}

void RelayReplica::Record() {
  const absl::Status status = outbox_.SavePublished(publication_.state().published);
  if (!status.ok()) return GiveUp(status);
  process_.Then(kStep, [this] { publication_.IsComplete() ? EndRound() : Publish(); });
}

void RelayReplica::EndRound() {
  if (leads_ && heads_.Take(process_.Now())) {
    publish_heads_({publication_.state().incarnation, publication_.state().published});
  }
  process_.Then(kPoll, [this] { Round(); });
}

void RelayReplica::GiveUp(const absl::Status& status) {
  world_.Trace(process_.name(), " gives up: ", absl::string_view(status.message()));
  publication_.OnError();
  process_.Then(kPoll, [this] { Round(); });
}

}  // namespace arasta::simulation
