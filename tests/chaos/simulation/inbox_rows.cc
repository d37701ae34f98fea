#include "tests/chaos/simulation/inbox_rows.h"

#include <memory>

#include "common/base/errors.h"

namespace arasta::simulation {
namespace {

absl::Status LeaseLost() {
  return Error(absl::StatusCode::kAborted, "LEASE_LOST", "another replica reads this partition");
}

absl::Status Poison() {
  return Error(absl::StatusCode::kInvalidArgument, "POISON", "can't be applied");
}

}  // namespace

absl::StatusOr<std::vector<Held>> InboxRows::Renew(const Process& by) {
  auto held = std::make_shared<std::vector<Held>>();
  const absl::Status status = world_.Transact([this, &by, held]() -> absl::Status {
    const int share = ShareOf(by);
    for (int i = 0; i < events::kPartitions; ++i) {
      Row& row = rows_[i];
      if (row.lease.owner == by.name() && static_cast<int>(held->size()) == share) {
        row.lease.owner.clear();
        row.lease.expire_time = absl::InfinitePast();
      } else if (static_cast<int>(held->size()) < share && row.lease.Take(world_, by)) {
        held->push_back({i, row.lease.epoch, row.cursor, row.failures});
      }
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return *held;
}

int InboxRows::ShareOf(const Process& by) {
  replicas_[by.name()] = world_.now() + jobs::kLeaseDuration;
  int alive = 0;
  for (const auto& [name, end] : replicas_) alive += end > world_.now() ? 1 : 0;
  return (events::kPartitions + alive - 1) / alive;
}

absl::Status InboxRows::Fence(int partition, const events::PartitionReader& reader) const {
  const Row& row = rows_.at(static_cast<size_t>(partition));
  const bool ours = row.lease.epoch == reader.epoch() && row.cursor == reader.cursor();
  return ours || world_.Has(Bug::kWatermarkUnfenced) ? absl::OkStatus() : LeaseLost();
}

void InboxRows::Raise(int partition, const events::PartitionReader& reader, const Event& event) {
  Row& row = rows_.at(static_cast<size_t>(partition));
  const bool back = row.cursor.incarnation == event.incarnation && event.sequence < row.cursor.watermark;
  world_.Holds(Fact::kE5WatermarkNeverBack, !back, "partition ", partition, " from ", row.cursor.watermark,
               " to ", event.sequence);
  world_.Holds(Fact::kF1LastHolderWrites, reader.epoch() == row.lease.epoch, "partition ", partition,
               " by epoch ", reader.epoch(), " of ", row.lease.epoch);
  row.cursor.watermark = event.sequence;
  row.failures = 0;
}

void InboxRows::Handle(const Event& event) {
  world_.Trace(event.id, " takes effect: ", event.aggregate, " version ", event.version);
  world_.Holds(Fact::kE1ExactlyOnce, ++effects_[event.id] == 1, event.id, " took effect again");
  const auto place = outbox_.committed().find(event.id);
  world_.Holds(Fact::kE2NoEffectWithoutEvent, place != outbox_.committed().end(), event.id);
  if (place == outbox_.committed().end()) return;
  int64_t& last = last_place_[event.aggregate];
  world_.Holds(Fact::kE3InOrder, last < place->second, event.id, " after a later event of ", event.aggregate);
  last = place->second;
}

absl::Status InboxRows::Apply(int partition, const events::PartitionReader& reader, const Event& event) {
  return world_.Transact([this, partition, reader, event]() -> absl::Status {
    absl::Status fenced = Fence(partition, reader);
    if (!fenced.ok()) return fenced;
    if (!inbox_.contains(event.id)) {
      const bool parked = parked_.contains(event.aggregate);
      if (event.poison && !parked) return Poison();
      inbox_.insert(event.id);
      parked ? dead_letters_.insert(event.id), void() : Handle(event);
    }
    Raise(partition, reader, event);
    return absl::OkStatus();
  });
}

absl::Status InboxRows::Park(int partition, const events::PartitionReader& reader, const Event& event) {
  return world_.Transact([this, partition, reader, event]() -> absl::Status {
    absl::Status fenced = Fence(partition, reader);
    if (!fenced.ok()) return fenced;
    world_.Trace(event.id, " parks ", event.aggregate);
    world_.Holds(Fact::kE1ExactlyOnce, event.poison, event.id, " was parked and can be applied");
    inbox_.insert(event.id);
    dead_letters_.insert(event.id);
    parked_.insert(event.aggregate);
    Raise(partition, reader, event);
    return absl::OkStatus();
  });
}

absl::Status InboxRows::NoteFailures(int partition, const events::PartitionReader& reader) {
  return world_.Transact([this, partition, reader]() -> absl::Status {
    absl::Status fenced = Fence(partition, reader);
    if (fenced.ok()) rows_.at(static_cast<size_t>(partition)).failures = reader.failures();
    return fenced;
  });
}

absl::Status InboxRows::Move(int partition, const events::PartitionReader& reader, const events::Cursor& to) {
  return world_.Transact([this, partition, reader, to]() -> absl::Status {
    Row& row = rows_.at(static_cast<size_t>(partition));
    if (row.lease.epoch != reader.epoch() || row.cursor != reader.cursor()) return LeaseLost();
    const bool back = row.cursor.incarnation == to.incarnation && to.watermark < row.cursor.watermark;
    world_.Holds(Fact::kE5WatermarkNeverBack, !back, "partition ", partition, " moved from ",
                 row.cursor.watermark, " to ", to.watermark, " of ", to.incarnation);
    world_.Trace("partition ", partition, " goes on after ", to.watermark, " of ", to.incarnation);
    row.cursor = to;
    row.failures = 0;
    return absl::OkStatus();
  });
}

absl::Status InboxRows::Enter(const Event& event) {
  return world_.Transact([this, event]() -> absl::Status {
    return inbox_.insert(event.id).second ? absl::OkStatus() : absl::AlreadyExistsError("seen");
  });
}

absl::Status InboxRows::MoveWatermark(int partition, const events::PartitionReader& reader,
                                      const Event& event) {
  return world_.Transact([this, partition, reader, event]() -> absl::Status {
    absl::Status fenced = Fence(partition, reader);
    if (fenced.ok()) Raise(partition, reader, event);
    return fenced;
  });
}

absl::Status InboxRows::TakeEffect(const Event& event) {
  return world_.Transact([this, event]() -> absl::Status {
    if (event.poison) return Poison();
    inbox_.insert(event.id);
    Handle(event);
    return absl::OkStatus();
  });
}

void InboxRows::CheckSettled() const {
  for (const std::string& id : outbox_.Ids()) {
    const bool applied = effects_.contains(id) != dead_letters_.contains(id);
    world_.Holds(Fact::kE1ExactlyOnce, applied, id, " did not take effect");
  }
}

}  // namespace arasta::simulation
