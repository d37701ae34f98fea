// Wakes who waits for an order to move, within this process. Whoever waits looks at the database on
// waking, so a ring too many costs a look and one too few is made up for by the next poll.
#pragma once

#include <array>
#include <cstdint>

#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "services/order/order_id.h"

namespace arasta::order {

// Thread-safe.
class Doorbell {
 public:
  void Ring(const OrderId& id);

  // How often it rang; take it before looking, wait on it after.
  uint64_t Rings(const OrderId& id);
  // Until it has rung more often than `seen`, or `deadline`.
  void WaitForRing(const OrderId& id, uint64_t seen, absl::Time deadline);

 private:
  // Orders share a bell by their hash, which bounds the number of bells.
  struct Bell {
    Mutex mutex;
    CondVar rung;
    uint64_t rings ABSL_GUARDED_BY(mutex) = 0;
  };
  Bell& BellOf(const OrderId& id) { return bells_[id.uuid().bytes().back() % bells_.size()]; }

  std::array<Bell, 64> bells_;
};

}  // namespace arasta::order
