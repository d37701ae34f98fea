#include "services/order/doorbell.h"

#include "absl/time/clock.h"

namespace arasta::order {

void Doorbell::Ring(const OrderId& id) {
  Bell& bell = BellOf(id);
  MutexLock lock(bell.mutex);
  ++bell.rings;
  bell.rung.NotifyAll();
}

uint64_t Doorbell::Rings(const OrderId& id) {
  Bell& bell = BellOf(id);
  MutexLock lock(bell.mutex);
  return bell.rings;
}

void Doorbell::WaitForRing(const OrderId& id, uint64_t seen, absl::Time deadline) {
  Bell& bell = BellOf(id);
  MutexLock lock(bell.mutex);
  while (bell.rings == seen) {
    if (!bell.rung.WaitFor(bell.mutex, deadline - absl::Now())) return;
  }
}

}  // namespace arasta::order
