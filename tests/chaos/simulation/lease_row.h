// A lease as its table keeps it: what `INSERT … ON CONFLICT DO UPDATE … WHERE` does in common/jobs/lease.cc
// and common/events/inbox.cc.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/jobs/lease.h"
#include "tests/chaos/simulation/process.h"
#include "tests/chaos/simulation/world.h"

namespace arasta::simulation {

struct LeaseRow {
  std::string owner;
  int64_t epoch = 0;
  absl::Time expire_time = absl::InfinitePast();

  // Takes or renews it by the database's clock. False: another has it.
  bool Take(World& world, const Process& by) {
    const absl::Time now = world.Has(Bug::kLocalClockLease) ? by.Now() : world.now();
    const bool ours = owner == by.name();
    if (!ours && expire_time >= now) return false;
    if (!ours) {
      world.Holds(Fact::kF2OneHolder, expire_time < world.now(), by.name(), " takes what ", owner, " holds");
      ++epoch;
    }
    owner = by.name();
    expire_time = now + jobs::kLeaseDuration;
    return true;
  }
};

}  // namespace arasta::simulation
