// Makes a hot SKU fast. A row lock is held until its commit is on disk, so one SKU gives about one commit
// a flush however many ask; here those who ask while a commit is under way share the next one.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/base/mutex.h"
#include "common/call/call.h"
#include "services/catalog/reservation_queue.h"
#include "services/catalog/reservation_store.h"

namespace arasta::catalog {

// Thread-safe. Callers wait on their own threads and only one of each lane uses a connection, so there
// may be many more callers than connections.
class ReservationCombiner {
 public:
  // Reservations of one SKU share a lane; lanes work side by side.
  ReservationCombiner(ReservationStore& store, int lanes);

  // As ReservationStore::Reserve, first come first served within a SKU. By value: what waits in the lane
  // is known by its address.
  absl::StatusOr<Reservation> Reserve(const Call& call, ReserveRequest request);

 private:
  using Answer = absl::StatusOr<Reservation>;

  struct Lane {
    Mutex mutex;
    CondVar changed;
    ReservationQueue queue ABSL_GUARDED_BY(mutex);
    // Of the batches done, until the askers fetch them.
    std::map<const ReserveRequest*, Answer> answers ABSL_GUARDED_BY(mutex);
    // The latest deadline of those who wait: a batch is not cut short by its most impatient member.
    std::map<const ReserveRequest*, absl::Time> deadlines ABSL_GUARDED_BY(mutex);

    Lane();
  };

  absl::optional<Answer> WaitInLane(const Call& call, Lane& lane, const ReserveRequest& request);
  void ServeBatch(Lane& lane, const trace::Context& trace) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lane.mutex);

  ReservationStore& store_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace arasta::catalog
