#include "services/order/housekeeping.h"

#include "absl/time/clock.h"
#include "common/log/log.h"

namespace arasta::order {
namespace {

constexpr absl::Duration kEvery = absl::Seconds(10);
constexpr absl::Duration kDeadline = absl::Seconds(2);

}  // namespace

Housekeeping::Housekeeping(SagaStore& sagas, CartStore& carts)
    : sagas_(sagas),
      carts_(carts),
      stuck_(metrics::NewGauge("arasta_order_stuck_orders",
                               "Orders whose stock or money has been unsettled for longer than 60 s")) {}

void Housekeeping::RunOnce() {
  const Call call = Call::Background("order.Housekeeping", absl::Now() + kDeadline);
  const absl::StatusOr<int64_t> stuck = sagas_.CountStuck(call);
  if (stuck.ok()) stuck_.Set(static_cast<double>(*stuck));
  const absl::Status pruned = carts_.PruneRequests(call);
  if (!stuck.ok() || !pruned.ok()) log::Warning("housekeeping put off");
}

void Housekeeping::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    RunOnce();
    MutexLock lock(mutex_);
    stopped_.WaitFor(mutex_, stop, kEvery, [] { return false; });
  }
}

}  // namespace arasta::order
