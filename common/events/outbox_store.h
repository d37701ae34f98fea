// The outbox in SQL, for the relay and for replay.
#pragma once

#include <cstdint>
#include <pqxx/transaction>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "arasta/events/v1/events.pb.h"
#include "common/events/publication.h"

namespace arasta::events {

OutboxState ReadOutboxState(pqxx::work& tx);

// Keeps other relays from taking over until `tx` ends. ABORTED with reason LEASE_LOST when one has.
absl::Status FenceRelay(pqxx::work& tx, int64_t epoch);

bool HasUnsequenced(pqxx::work& tx);

// Gives the next sequences to at most `limit` events that have none.
void SequenceOutbox(pqxx::work& tx, int limit);

// `ends` are the last sequences of the streams.
OutboxView ViewOutbox(pqxx::work& tx, const Sequences& heads, const Sequences& ends, absl::Duration window);

// Only raises them.
void SavePublished(pqxx::work& tx, const Sequences& published);

// The database is older than what it once published: sequences will be given again.
void RenewIncarnation(pqxx::work& tx);

// Forgets events that are seven days old and read by each of `consumers`. One that never reported has
// read nothing.
void PruneOutbox(pqxx::work& tx, const std::vector<std::string>& consumers);

// At most `limit` events a partition after the given sequences; in order within a partition.
std::vector<v1::Envelope> ReadOutbox(pqxx::work& tx, const std::string& producer,
                                     const std::string& incarnation, const Sequences& after, int limit);

// The same of one partition.
std::vector<v1::Envelope> ReadOutboxPartition(pqxx::work& tx, const std::string& producer,
                                              const std::string& incarnation, int partition, int64_t after,
                                              int limit);

}  // namespace arasta::events
