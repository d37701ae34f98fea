// Which reservations that wait go into one transaction together. No threads, no clock, no I/O.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "absl/status/status.h"
#include "services/catalog/stock.h"

namespace arasta::catalog {

// Requests in order of arrival. One batch is under way at a time, so that what arrives meanwhile
// gathers. Requests are known by their address and outlive their stay. Not thread-safe.
class ReservationQueue {
 public:
  explicit ReservationQueue(size_t most_at_once) : most_at_once_(most_at_once) {}

  void Add(const ReserveRequest* request) { waiting_.push_back(request); }

  // Withdraws a request that was not taken yet. False where it was.
  bool Remove(const ReserveRequest* request);

  // Whether it is for this request to take the next batch: it is the oldest, and none is under way.
  bool Leads(const ReserveRequest* request) const {
    return !under_way_ && !waiting_.empty() && waiting_.front() == request;
  }

  // The next batch, oldest first, each key at most once: a repeat waits for what becomes of the first.
  std::vector<const ReserveRequest*> Take();

  // The batch is done.
  void Finish() { under_way_ = false; }

 private:
  const size_t most_at_once_;
  std::deque<const ReserveRequest*> waiting_;
  bool under_way_ = false;
};

// Whether one request of a batch may have brought this answer upon all the others: each is tried alone.
bool MayBeAnothersFault(const absl::Status& status);

}  // namespace arasta::catalog
