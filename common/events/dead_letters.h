// What could not be applied, for operators: listed, and tried again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/pg/pool.h"

namespace arasta::events {

struct DeadLetter {
  int64_t id;  // grows in order of arrival
  std::string producer;
  std::string event_id;
  std::string type;
  std::string aggregate;
  int64_t aggregate_version;
  int attempts;
  std::string last_error;  // code and reason
  bool redrive;            // will be tried again
  absl::Time create_time;
};

// Thread-safe.
class DeadLetters {
 public:
  explicit DeadLetters(pg::Pool& pool) : pool_(pool) {}

  // The oldest `limit` after the one with id `after` (0 for the first page).
  absl::StatusOr<std::vector<DeadLetter>> List(const Call& call, int64_t after, int limit);

  // Has the consumer try the aggregates of these events again, each from its first letter on. Returns how
  // many letters that are. Repeatable; ids that are gone are skipped.
  absl::StatusOr<int> Redrive(const Call& call, const std::vector<std::string>& event_ids);

 private:
  pg::Pool& pool_;
};

}  // namespace arasta::events
