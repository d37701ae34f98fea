// Background work that one replica at a time does: three want the lease, and each is at times dead, stopped
// for longer than the lease, or sure that it is an hour later.
#include <memory>

#include "common/events/timer.h"
#include "common/jobs/lease.h"
#include "tests/chaos/simulation/lease_row.h"
#include "tests/chaos/simulation/process.h"
#include "tests/chaos/simulation/story.h"

namespace arasta::simulation {
namespace {

constexpr absl::Duration kRest = absl::Milliseconds(500);

// The lease, and what is written under it.
struct JobRows {
  LeaseRow lease;
  int64_t writes = 0;
  int64_t last_epoch = 0;
};

class Worker {
 public:
  Worker(World& world, const std::string& name, JobRows& rows)
      : world_(world), rows_(rows), process_(world, name, [this] { Boot(); }) {}

 private:
  void Boot() {
    epoch_ = 0;
    renewal_ = events::Timer(jobs::kRenewInterval);
    Round();
  }

  void Round() {
    if (renewal_.Take(process_.Now())) Renew();
    if (epoch_ != 0) {
      const absl::Duration work = world_.random().Between(absl::ZeroDuration(), absl::Seconds(2));
      process_.Then(work, [this, epoch = epoch_] { Write(epoch); });
    } else {
      process_.Then(kRest, [this] { Round(); });
    }
  }

  void Renew() {
    const absl::StatusOr<int64_t> epoch = world_.Ask<int64_t>([this]() -> absl::StatusOr<int64_t> {
      return rows_.lease.Take(world_, process_) ? rows_.lease.epoch : 0;
    });
    epoch_ = epoch.value_or(0);
  }

  void Write(int64_t epoch) {
    const absl::Status status = world_.Transact([this, epoch]() -> absl::Status {
      if (rows_.lease.epoch != epoch && !world_.Has(Bug::kJobUnfenced))
        return absl::AbortedError("LEASE_LOST");
      world_.Trace("written under epoch ", epoch);
      world_.Holds(Fact::kF1LastHolderWrites, epoch >= rows_.last_epoch, "epoch ", epoch, " after ",
                   rows_.last_epoch);
      rows_.last_epoch = std::max(rows_.last_epoch, epoch);
      ++rows_.writes;
      return absl::OkStatus();
    });
    if (absl::IsAborted(status)) epoch_ = 0;
    process_.Then(kRest, [this] { Round(); });
  }

  World& world_;
  JobRows& rows_;
  Process process_;
  // What a death forgets.
  int64_t epoch_ = 0;  // 0: not held
  events::Timer renewal_{jobs::kRenewInterval};
};

class JobsStory : public Story {
 public:
  explicit JobsStory(World& world) : world_(world) {}

  void CheckSettled() override {
    world_.Holds(Fact::kF1LastHolderWrites, rows_.writes > 0, "nobody ever worked");
  }

 private:
  World& world_;
  JobRows rows_;
  Worker first_{world_, "worker-1", rows_};
  Worker second_{world_, "worker-2", rows_};
  Worker third_{world_, "worker-3", rows_};
};

}  // namespace

std::unique_ptr<Story> BeginJobs(World& world) {
  return std::make_unique<JobsStory>(world);
}

}  // namespace arasta::simulation
