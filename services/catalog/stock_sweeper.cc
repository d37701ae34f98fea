#include "services/catalog/stock_sweeper.h"

#include "absl/time/clock.h"
#include "common/base/uuid.h"
#include "common/log/log.h"

namespace arasta::catalog {
namespace {

constexpr char kLease[] = "catalog.stock_sweeper";
constexpr absl::Duration kInterval = absl::Seconds(1);
constexpr int kSkusAtOnce = 500;
constexpr int kMostRounds = 20;

Call NewCall() {
  return Call::Background("catalog.SweepExpiredHolds", absl::Now() + absl::Seconds(2));
}

}  // namespace

StockSweeper::StockSweeper(pg::Pool& pool, StockStore& stock)
    : leases_(pool, Uuid::V4().ToString()), stock_(stock) {}

void StockSweeper::Run(std::stop_token stop) {
  MutexLock lock(mutex_);
  while (!stop.stop_requested()) {
    RunOnce();
    stopped_.WaitFor(mutex_, stop, kInterval, [] { return false; });
  }
  if (held_) (void)leases_.Release(NewCall());
}

// What fails now is done a second later.
void StockSweeper::RunOnce() {
  if (absl::Now() >= next_renewal_) {
    absl::StatusOr<std::vector<jobs::Lease>> held = leases_.Renew(NewCall(), {kLease});
    held_ = held.ok() && !held->empty();
    next_renewal_ = absl::Now() + jobs::kRenewInterval;
  }
  if (!held_) return;
  for (int round = 0; round < kMostRounds; ++round) {
    absl::StatusOr<int> swept = stock_.SweepExpiredHolds(NewCall(), kSkusAtOnce);
    if (!swept.ok()) log::Warning("sweeping failed", {{"error", swept.status().ToString()}});
    if (!swept.ok() || *swept == 0) return;
  }
}

}  // namespace arasta::catalog
