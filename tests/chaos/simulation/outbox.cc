#include "tests/chaos/simulation/outbox.h"

#include <algorithm>
#include <memory>

#include "common/base/errors.h"

namespace arasta::simulation {
namespace {

constexpr size_t kBatch = 4;
constexpr absl::string_view kAggregates[] = {"orders/a", "orders/b", "orders/c", "orders/d"};

absl::Status LeaseLost() {
  return Error(absl::StatusCode::kAborted, "LEASE_LOST", "another relay has taken over");
}

}  // namespace

void Outbox::BeginWrite() {
  const std::string aggregate(world_.random().AnyOf(kAggregates));
  if (!locked_.insert(aggregate).second) return;
  const int64_t id = ++last_id_;
  const bool slow = world_.Strikes(Fault::kCommitLate, 50);
  const absl::Duration open = slow ? absl::Seconds(3) : absl::Milliseconds(20);
  world_.In(world_.random().Between(absl::ZeroDuration(), open),
            [this, id, aggregate, generation = generation_] { Commit(id, aggregate, generation); });
}

void Outbox::Commit(int64_t id, const std::string& aggregate, int64_t generation) {
  if (generation != generation_) return;
  locked_.erase(aggregate);
  if (world_.Strikes(Fault::kRefused, 20)) return;
  Event event{.id = absl::StrCat("event-", id),
              .aggregate = aggregate,
              .version = ++rows_.versions[aggregate],
              .partition = events::PartitionOf(aggregate),
              .poison = world_.Strikes(Fault::kPoison, 5)};
  world_.Trace(event.id, " committed: ", aggregate, " version ", event.version);
  committed_[event.id] = static_cast<int64_t>(committed_.size()) + 1;
  rows_.events[id] = std::move(event);
}

absl::optional<int64_t> Outbox::Lead(const std::string& session) {
  if (!leader_.empty() && leader_ != session) return absl::nullopt;
  leader_ = session;
  return ++rows_.relay_epoch;
}

void Outbox::Resign(const std::string& session) {
  if (leader_ == session) leader_.clear();
}

bool Outbox::HasUnsequenced(int64_t connected_to) const {
  if (connected_to != generation_) return true;
  return std::any_of(rows_.events.begin(), rows_.events.end(),
                     [](const auto& row) { return row.second.sequence == 0; });
}

absl::StatusOr<events::OutboxState> Outbox::Sequence(int64_t epoch, int64_t connected_to) {
  if (connected_to != generation_) return absl::UnavailableError("the database was restarted");
  auto state = std::make_shared<events::OutboxState>();
  const absl::Status status = world_.Transact([this, epoch, state]() -> absl::Status {
    if (rows_.relay_epoch != epoch) return LeaseLost();
    size_t given = 0;
    int64_t last_given = 0;
    for (const auto& [id, event] : rows_.events) {
      if (event.sequence != 0) last_given = id;
    }
    for (auto& [id, event] : rows_.events) {
      if (event.sequence != 0 || given == kBatch) continue;
      if (world_.Has(Bug::kPollById) && id < last_given) continue;
      event.sequence = ++rows_.state.heads.at(static_cast<size_t>(event.partition));
      ++given;
    }
    *state = rows_.state;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return *state;
}

events::OutboxView Outbox::View(const events::Sequences& ends) const {
  events::OutboxView view;
  view.window_begin.fill(1);
  for (const auto& [id, event] : rows_.events) {
    const auto partition = static_cast<size_t>(event.partition);
    if (event.sequence != 0 && event.sequence == ends.at(partition)) view.events.at(partition) = event.id;
  }
  return view;
}

absl::Status Outbox::Reincarnate(int64_t epoch) {
  return world_.Transact([this, epoch]() -> absl::Status {
    if (rows_.relay_epoch != epoch) return LeaseLost();
    RenewIncarnation();
    return absl::OkStatus();
  });
}

void Outbox::RenewIncarnation() {
  rows_.state.incarnation = absl::StrCat("incarnation-", ++incarnations_);
  world_.Trace("reincarnated as ", rows_.state.incarnation);
}

void Outbox::OnAck(int partition, const events::Cursor& cursor) {
  const bool ahead = cursor.watermark > rows_.state.heads.at(static_cast<size_t>(partition));
  if (cursor.incarnation == rows_.state.incarnation && ahead) RenewIncarnation();
}

absl::Status Outbox::SavePublished(const events::Sequences& published) {
  return world_.Transact([this, published]() -> absl::Status {
    for (int i = 0; i < events::kPartitions; ++i) {
      if (published[i] > rows_.state.heads[i]) return absl::InternalError("published more than was given");
    }
    for (int i = 0; i < events::kPartitions; ++i) {
      rows_.state.published[i] = std::max(rows_.state.published[i], published[i]);
    }
    return absl::OkStatus();
  });
}

std::vector<Event> Outbox::ReadAfter(int partition, int64_t sequence, size_t limit) const {
  std::vector<Event> found;
  for (const auto& [id, event] : rows_.events) {
    if (event.partition == partition && event.sequence > sequence) found.push_back(event);
  }
  std::sort(found.begin(), found.end(),
            [](const Event& a, const Event& b) { return a.sequence < b.sequence; });
  if (found.size() > limit) found.resize(limit);
  for (Event& event : found) event.incarnation = rows_.state.incarnation;
  return found;
}

std::vector<Event> Outbox::Replay(int partition, int64_t after, size_t limit) const {
  std::vector<Event> events = ReadAfter(partition, after, limit);
  const int64_t published = rows_.state.published.at(static_cast<size_t>(partition));
  std::erase_if(events, [published](const Event& event) { return event.sequence > published; });
  return events;
}

void Outbox::Restore() {
  world_.Trace("the outbox is restored");
  rows_ = snapshot_;
  ++generation_;
  locked_.clear();
  leader_.clear();
}

std::vector<std::string> Outbox::Ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, event] : rows_.events) ids.push_back(event.id);
  return ids;
}

}  // namespace arasta::simulation
