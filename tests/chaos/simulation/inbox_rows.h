// A consumer's database: watermarks, inbox, effects and dead letters (common/events/inbox.cc in memory),
// and what must be true of them.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/events/partition_reader.h"
#include "tests/chaos/simulation/lease_row.h"
#include "tests/chaos/simulation/outbox.h"
#include "tests/chaos/simulation/process.h"
#include "tests/chaos/simulation/stream.h"

namespace arasta::simulation {

struct Held {
  int partition;
  int64_t epoch;
  events::Cursor cursor;
  int failures;
};

class InboxRows {
 public:
  InboxRows(World& world, const Outbox& outbox) : world_(world), outbox_(outbox) {}

  absl::StatusOr<std::vector<Held>> Renew(const Process& by);

  // As events::Inbox.
  absl::Status Apply(int partition, const events::PartitionReader& reader, const Event& event);
  absl::Status Park(int partition, const events::PartitionReader& reader, const Event& event);
  absl::Status NoteFailures(int partition, const events::PartitionReader& reader);
  absl::Status Move(int partition, const events::PartitionReader& reader, const events::Cursor& to);

  // Halves of Apply, for the bugs that take it apart.
  absl::Status Enter(const Event& event);
  absl::Status MoveWatermark(int partition, const events::PartitionReader& reader, const Event& event);
  absl::Status TakeEffect(const Event& event);

  void CheckSettled() const;

 private:
  struct Row {
    LeaseRow lease;
    events::Cursor cursor;
    int failures = 0;
  };

  // As many as are each one's share, this one counted as alive from now on.
  int ShareOf(const Process& by);
  // Whether the watermark may move, and what of `event` happens then.
  absl::Status Fence(int partition, const events::PartitionReader& reader) const;
  void Raise(int partition, const events::PartitionReader& reader, const Event& event);
  void Handle(const Event& event);

  World& world_;
  const Outbox& outbox_;
  std::array<Row, events::kPartitions> rows_;
  std::map<std::string, absl::Time> replicas_;  // until when they live
  std::set<std::string> inbox_;
  std::map<std::string, int> effects_;         // how often each took effect
  std::map<std::string, int64_t> last_place_;  // by aggregate: the last effect's place among the commits
  std::set<std::string> parked_;               // aggregates
  std::set<std::string> dead_letters_;
};

}  // namespace arasta::simulation
