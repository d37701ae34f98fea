// The consumer's store: leases, watermarks, inbox and dead letters, and the transactions that keep them
// in step with the effects of events.
#pragma once

#include <cstdint>
#include <functional>
#include <pqxx/transaction>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arasta/events/v1/events.pb.h"
#include "common/call/call.h"
#include "common/events/partition_reader.h"
#include "common/pg/pool.h"

namespace arasta::events {

// Applies an event within the transaction that also marks it as done. May run several times, of which
// one commits; events of an aggregate come in order. An event of a type it doesn't know is no error.
// UNAVAILABLE, ABORTED and RESOURCE_EXHAUSTED say that the time is wrong: tried again, for ever. Any
// other error says that the event is wrong: after 5 of them it goes to dead letters and parks its
// aggregate.
using Handler = std::function<absl::Status(const Call& call, pqxx::work& tx, const v1::Envelope& event)>;

struct PartitionId {
  std::string producer;
  int partition;

  friend auto operator<=>(const PartitionId&, const PartitionId&) = default;
};

struct HeldPartition {
  PartitionId id;
  int64_t epoch;
  Cursor cursor;
  int failures;  // of the event after the cursor, so far
};

struct RedrivenEvent {
  int64_t dead_letter;
  PartitionId id;
  v1::Envelope event;
};

// Thread-safe. Every change of a partition is fenced by the reader's epoch: ABORTED with reason
// LEASE_LOST when another replica has taken it over, and then nothing is written.
class Inbox {
 public:
  Inbox(pg::Pool& pool, std::string owner, Handler handler);

  // Holds this owner's share of the partitions of `producers`, as many as any other that lives: renews,
  // takes free ones, hands back what is too much. Returns all that are held now.
  absl::StatusOr<std::vector<HeldPartition>> Renew(const Call& call,
                                                   const std::vector<std::string>& producers);
  absl::Status Release(const Call& call);

  // Applies the event after the watermark: its effects, its inbox row and the watermark commit together.
  // An event that is in the inbox has no effect again; one whose aggregate is parked queues up behind.
  absl::Status Apply(const Call& call, const PartitionId& id, const PartitionReader& reader,
                     const v1::Envelope& event);

  // Puts the event after the watermark into dead letters instead.
  absl::Status Park(const Call& call, const PartitionId& id, const PartitionReader& reader,
                    const v1::Envelope& event, const absl::Status& error);

  // Writes down how often the event after the watermark has failed. Nothing where the lease is lost.
  absl::Status NoteFailures(const Call& call, const PartitionId& id, const PartitionReader& reader);

  // Sets the cursor: the producer is a new incarnation, or has pruned what comes next.
  absl::Status Move(const Call& call, const PartitionId& id, const PartitionReader& reader, const Cursor& to);

  // The next dead letter of every aggregate that is to be tried again, of partitions held by this owner.
  absl::StatusOr<std::vector<RedrivenEvent>> ListRedriven(const Call& call);
  // Applies one and takes it out of the dead letters.
  absl::Status Redrive(const Call& call, const PartitionReader& reader, const RedrivenEvent& redriven);
  // It failed again: its aggregate stays parked.
  absl::Status KeepParked(const Call& call, const RedrivenEvent& redriven, const absl::Status& error);

  // How many events are parked, by whichever replica.
  absl::StatusOr<int64_t> CountParked(const Call& call);

  // The watermarks of a producer's partitions in one incarnation, whoever holds them.
  absl::StatusOr<v1::AckEventsRequest> Watermarks(const Call& call, const std::string& producer);

  // Forgets inbox rows that are older than any event that can still come, and replicas that are dead.
  absl::Status Prune(const Call& call);

 private:
  pg::Pool& pool_;
  const std::string owner_;
  const Handler handler_;
};

}  // namespace arasta::events
