#include "services/catalog/reservation_queue.h"

#include <algorithm>
#include <set>
#include <string>

#include "common/base/errors.h"

namespace arasta::catalog {

bool MayBeAnothersFault(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == "CONTENTION" || reason == "LOCK_TIMEOUT" || reason == "STATEMENT_TIMEOUT" ||
         reason == "CONSTRAINT_VIOLATED" || reason == "DATABASE_ERROR";
}

bool ReservationQueue::Remove(const ReserveRequest* request) {
  return std::erase(waiting_, request) > 0;
}

std::vector<const ReserveRequest*> ReservationQueue::Take() {
  under_way_ = true;
  std::vector<const ReserveRequest*> batch;
  std::set<ReservationKey> keys;
  auto joins = [&](const ReserveRequest* request) {
    return batch.size() < most_at_once_ && keys.insert(request->key).second;
  };
  std::deque<const ReserveRequest*> rest;
  for (const ReserveRequest* request : waiting_) {
    if (joins(request)) {
      batch.push_back(request);
    } else {
      rest.push_back(request);
    }
  }
  waiting_ = std::move(rest);
  return batch;
}

}  // namespace arasta::catalog
