// Reads the outbox in order of sequence, for the relay and for replay.
#pragma once

#include <array>
#include <cstdint>
#include <pqxx/transaction>
#include <string>
#include <vector>

#include "arasta/events/v1/events.pb.h"
#include "common/events/partition.h"

namespace arasta::events {

// A number per partition.
using Sequences = std::array<int64_t, kPartitions>;

struct OutboxState {
  std::string incarnation;
  Sequences heads{};      // the last sequence given
  Sequences published{};  // the last that was put into Redis
};

OutboxState ReadOutboxState(pqxx::work& tx);

// At most `limit` events a partition after the given sequences; in order within a partition.
std::vector<v1::Envelope> ReadOutbox(pqxx::work& tx, const std::string& producer,
                                     const std::string& incarnation, const Sequences& after, int limit);

// The same of one partition.
std::vector<v1::Envelope> ReadOutboxPartition(pqxx::work& tx, const std::string& producer,
                                              const std::string& incarnation, int partition, int64_t after,
                                              int limit);

}  // namespace arasta::events
