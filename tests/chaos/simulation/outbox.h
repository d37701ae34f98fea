// A producer's database: business transactions that append events, and what the relay and replay do with
// them (common/events/outbox_store.cc in memory).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/events/partition_reader.h"
#include "common/events/publication.h"
#include "tests/chaos/simulation/stream.h"
#include "tests/chaos/simulation/world.h"

namespace arasta::simulation {

class Outbox {
 public:
  explicit Outbox(World& world) : world_(world) {}

  // A business transaction: locks its aggregate, takes the next id, commits some time later or not at all.
  void BeginWrite();

  // Raises the epoch: whoever led is fenced off. nullopt: another session holds the lock.
  absl::optional<int64_t> Lead(const std::string& session);
  void Resign(const std::string& session);

  // True also where the connection is gone, so that it shows.
  bool HasUnsequenced(int64_t connected_to) const;
  // Gives the next sequences. ABORTED when `epoch` was raised; UNAVAILABLE.
  absl::StatusOr<events::OutboxState> Sequence(int64_t epoch, int64_t connected_to);
  events::OutboxView View(const events::Sequences& ends) const;
  absl::Status Reincarnate(int64_t epoch);
  absl::Status SavePublished(const events::Sequences& published);
  std::vector<Event> ReadAfter(int partition, int64_t sequence, size_t limit) const;
  // What consumers are given of these: no more than was put into the streams.
  std::vector<Event> Replay(int partition, int64_t after, size_t limit) const;

  // A consumer tells how far it has read: further than was ever given means that this is a restored one.
  void OnAck(int partition, const events::Cursor& cursor);

  // The disturbances: the lock's session is cut; the database is what it was a while ago.
  void CutSession() { leader_.clear(); }
  void Snapshot() { snapshot_ = rows_; }
  void Restore();
  // Counts restores: connections to what was before are gone.
  int64_t generation() const { return generation_; }

  const events::OutboxState& state() const { return rows_.state; }
  // Every event that was ever committed, restored or not, by id, with its place in the order of commits.
  const std::map<std::string, int64_t>& committed() const { return committed_; }
  // The ids of those that are there now.
  std::vector<std::string> Ids() const;

 private:
  struct Rows {
    std::map<int64_t, Event> events = {};  // by id
    std::map<std::string, int64_t> versions = {};
    events::OutboxState state = {.incarnation = "incarnation-1"};
    int64_t relay_epoch = 0;
  };

  void RenewIncarnation();
  void Commit(int64_t id, const std::string& aggregate, int64_t generation);

  World& world_;
  Rows rows_;
  Rows snapshot_ = rows_;
  std::set<std::string> locked_;
  std::string leader_;
  int64_t last_id_ = 0;  // a sequence: not rolled back
  int64_t generation_ = 1;
  int incarnations_ = 1;
  std::map<std::string, int64_t> committed_;
};

}  // namespace arasta::simulation
