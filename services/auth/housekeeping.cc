#include "services/auth/housekeeping.h"

#include "absl/time/clock.h"
#include "common/log/log.h"

namespace arasta::auth {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(10);
constexpr absl::Duration kIntervalWithoutKeys = absl::Milliseconds(250);
constexpr absl::Duration kSweepInterval = absl::Minutes(1);
constexpr int kSessionsAtOnce = 1000;

Call NewCall() {
  return Call::Background("auth.Housekeeping", absl::Now() + absl::Seconds(5));
}

}  // namespace

void Housekeeping::Run(std::stop_token stop) {
  MutexLock lock(mutex_);
  while (!stop.stop_requested()) {
    RefreshKeys();
    if (absl::Now() >= next_sweep_) SweepSessions();
    const absl::Duration pause = keys_.Current().ok() ? kInterval : kIntervalWithoutKeys;
    stopped_.WaitFor(mutex_, stop, pause, [] { return false; });
  }
}

void Housekeeping::RefreshKeys() {
  const absl::Status status = keys_.Refresh(NewCall());
  if (!status.ok()) log::Warning("signing keys not read", {{"error", status.ToString()}});
}

// One batch at a time: a backlog is no hurry.
void Housekeeping::SweepSessions() {
  const absl::StatusOr<int> swept = sessions_.DeleteExpired(NewCall(), kSessionsAtOnce);
  if (!swept.ok()) log::Warning("sessions not swept", {{"error", swept.status().ToString()}});
  if (!swept.ok() || *swept < kSessionsAtOnce) next_sweep_ = absl::Now() + kSweepInterval;
}

}  // namespace arasta::auth
