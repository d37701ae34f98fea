// Events that could not be applied, as common/events keeps them beside the inbox.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/pg/pool.h"

namespace arasta::notification {

struct DeadLetter {
  int64_t id = 0;
  std::string producer;
  std::string event_id;
  std::string type;
  std::string aggregate;
  int attempts = 0;
  std::string last_error;
  absl::Time create_time;
};

// Thread-safe.
class DeadLetterStore {
 public:
  explicit DeadLetterStore(pg::Pool& pool) : pool_(pool) {}

  // Oldest first, those after the id `after`.
  absl::StatusOr<std::vector<DeadLetter>> List(const Call& call, int64_t after, int limit) const;

  // Has the consumer apply them again. Returns how many there were.
  absl::StatusOr<int> Redrive(const Call& call, const std::vector<int64_t>& ids) const;

 private:
  pg::Pool& pool_;
};

}  // namespace arasta::notification
