// Calls through three gateways whose buckets are shared by a Redis that is away, forgets, and answers into
// the void: somebody asks for more than he may, somebody for exactly as much, and at times there is a crowd.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/gateway/rate_table.h"
#include "tests/chaos/simulation/process.h"
#include "tests/chaos/simulation/story.h"

namespace arasta::simulation {
namespace {

using gateway::RateLimit;
using gateway::RateTable;

constexpr int kGateways = 3;
constexpr RateLimit kLimit = {.interval_ns = 200'000'000, .burst = 2};
constexpr absl::Duration kInterval = absl::Nanoseconds(kLimit.interval_ns);
// As in services/gateway/rate_sharing.cc.
constexpr absl::Duration kPause = absl::Milliseconds(100);
constexpr absl::Duration kPauseAfterFailure = absl::Seconds(1);
constexpr absl::Duration kMostLatency = absl::Milliseconds(5);
// A loop reads the clock once a turn.
constexpr absl::Duration kMostTurn = absl::Milliseconds(3);

constexpr uint64_t kGreedy = 1;
constexpr uint64_t kModest = 2;
constexpr uint64_t kCrowd = 100;
constexpr int kStrangers = 20;

// After healing, until nobody is stopped any more and everybody has heard of everybody.
constexpr absl::Duration kSettling = absl::Seconds(45);

// By how much more than the rate was admitted, in the window where that is most.
class Meter {
 public:
  explicit Meter(double buckets = 1) : buckets_(buckets) {}

  double Add(absl::Time now) {
    const double since = buckets_ * absl::FDivDuration(now - last_, kInterval);
    last_ = now;
    return level_ = std::max(0.0, level_ - since) + 1;
  }

 private:
  double buckets_;
  double level_ = 0;
  absl::Time last_ = absl::UnixEpoch();
};

// The cache's Redis: for each key when its bucket will be full, and the script that adds to it.
class SharedCounts {
 public:
  std::vector<int64_t> Exchange(const std::vector<RateTable::Taken>& taken, absl::Time now) {
    const int64_t now_us = absl::ToUnixMicros(now);
    const int64_t most_us = MicrosUp(2 * kLimit.depth_ns());
    std::vector<int64_t> lacking_us;
    for (const RateTable::Taken& one : taken) {
      int64_t& full_us = full_us_[one.key];
      const int64_t before_us = std::max<int64_t>(full_us - now_us, 0);
      lacking_us.push_back(std::min(before_us + MicrosUp(one.ns), most_us));
      full_us = now_us + lacking_us.back();
    }
    return lacking_us;
  }

  void Forget() { full_us_.clear(); }

 private:
  static int64_t MicrosUp(int64_t ns) { return (ns + 999) / 1000; }

  std::map<uint64_t, int64_t> full_us_;
};

// A gateway: the drivers of its table (services/gateway/rate_limiter.cc, rate_sharing.cc).
class Gateway {
 public:
  Gateway(World& world, const std::string& name, SharedCounts& counts, bool crowded)
      : world_(world), counts_(counts), crowded_(crowded), process_(world, name, [this] { Boot(); }) {}

  void Call(uint64_t key, const std::function<void(bool allowed)>& answer) {
    process_.Then(absl::ZeroDuration(), [this, key, answer] {
      const absl::Duration turn = world_.random().Between(absl::ZeroDuration(), kMostTurn);
      const bool allowed = table_->Take(key, NowNs() - absl::ToInt64Nanoseconds(turn)).allowed;
      if (allowed) CheckAdmitted(key);
      answer(allowed);
    });
  }

 private:
  using Collected = std::vector<RateTable::Taken>;

  void Boot() {
    table_ = std::make_unique<RateTable>(kLimit, 1);
    meters_.clear();
    all_ = Meter(RateTable::kWays);
    Share();
  }

  // A clock that nobody sets.
  int64_t NowNs() const {
    return absl::ToUnixNanos(world_.Has(Bug::kRatesByWallClock) ? process_.Now() : world_.now());
  }

  // A slot that is taken over takes what is missing along, so a crowd gets what the slots give.
  void CheckAdmitted(uint64_t key) {
    const double late = absl::FDivDuration(kMostTurn, kInterval);
    if (crowded_) {
      const double level = all_.Add(world_.now());
      const double most = RateTable::kWays * (kLimit.burst + late);
      world_.Holds(Fact::kT6WithinBucket, level <= most, "all: ", level, " at once, of ", most);
    } else {
      const double level = meters_[key].Add(world_.now());
      world_.Holds(Fact::kT6WithinBucket, level <= kLimit.burst + late, "key ", key, ": ", level, " at once");
    }
  }

  void Share() {
    const int64_t now_ns = NowNs();
    auto taken = std::make_shared<Collected>(table_->Collect(1024, now_ns));
    if (taken->empty()) return ShareAfter(kPause);
    if (world_.Strikes(Fault::kStreamAway, 20)) return ShareAfter(kPauseAfterFailure);
    process_.Then(Latency(), [this, taken, now_ns] {
      if (world_.Has(Bug::kRatesToldTwice)) counts_.Exchange(*taken, world_.now());
      const std::vector<int64_t> lacking_us = counts_.Exchange(*taken, world_.now());
      if (world_.Strikes(Fault::kStreamAnswerLost, 20)) return ShareAfter(kPauseAfterFailure);
      process_.Then(Latency(), [this, taken, lacking_us, now_ns] { Learn(*taken, lacking_us, now_ns); });
    });
  }

  void Learn(const Collected& taken, const std::vector<int64_t>& lacking_us, int64_t now_ns) {
    for (size_t i = 0; i < taken.size() && !world_.Has(Bug::kRatesNotLearned); ++i) {
      table_->Lift(taken[i], now_ns + 1000 * lacking_us[i], now_ns);
    }
    ShareAfter(kPause);
  }

  void ShareAfter(absl::Duration pause) {
    process_.Then(pause, [this] { Share(); });
  }

  absl::Duration Latency() { return world_.random().Between(absl::ZeroDuration(), kMostLatency); }

  World& world_;
  SharedCounts& counts_;
  const bool crowded_;
  Process process_;
  // What a death forgets.
  std::unique_ptr<RateTable> table_;
  std::map<uint64_t, Meter> meters_;
  Meter all_;
};

class RatesStory : public Story {
 public:
  explicit RatesStory(World& world) : world_(world), crowded_(world.random().PerMille(250)) {
    for (int i = 0; i < kGateways; ++i) {
      gateways_.push_back(
          std::make_unique<Gateway>(world, absl::StrCat("gateway-", i + 1), counts_, crowded_));
    }
    AskForMore();
    AskForAsMuch();
    if (crowded_) Crowd();
    Disturb();
  }

  void CheckSettled() override {}

 private:
  // Of all gateways at once; not while what is settling then would prove nothing.
  void AskForMore() {
    if (world_.healed() && heal_time_ == absl::InfiniteFuture()) heal_time_ = world_.now();
    const bool settled = world_.now() >= heal_time_ + kSettling;
    if (!world_.healed() || settled) {
      for (const auto& gateway : gateways_) {
        gateway->Call(kGreedy, [this, settled](bool allowed) {
          if (allowed && settled && !crowded_) CheckShared();
        });
      }
    }
    world_.In(world_.random().Between(absl::Milliseconds(20), absl::Milliseconds(120)),
              [this] { AskForMore(); });
  }

  // What rate_sharing.h promises.
  void CheckShared() {
    const double unheard = absl::FDivDuration(2 * (kPause + 2 * kMostLatency) + kMostTurn, kInterval);
    const double most = kLimit.burst + (kGateways - 1) * (kLimit.burst + unheard);
    const double level = shared_.Add(world_.now());
    world_.Holds(Fact::kT6SharedAsOne, level <= most, level, " at once, of ", most);
  }

  void AskForAsMuch() {
    world_.random().AnyOf(gateways_)->Call(kModest, [this](bool allowed) {
      if (!crowded_ && IsToldInTime())
        world_.Holds(Fact::kT6NobodyWronged, allowed, "refused, though it kept to the rate");
    });
    world_.In(kInterval * 1.001, [this] { AskForAsMuch(); });
  }

  // What is told long after it was taken is taken for new, so who is stopped in between may wrong somebody.
  bool IsToldInTime() const {
    const auto& faults = world_.tally().faults;
    return faults[static_cast<size_t>(Fault::kPause)] == 0 &&
           faults[static_cast<size_t>(Fault::kLongSilence)] == 0;
  }

  void Crowd() {
    const uint64_t stranger = kCrowd + static_cast<uint64_t>(world_.random().Below(kStrangers));
    world_.random().AnyOf(gateways_)->Call(stranger, [](bool) {});
    world_.In(world_.random().Between(absl::ZeroDuration(), absl::Milliseconds(60)), [this] { Crowd(); });
  }

  void Disturb() {
    if (world_.Strikes(Fault::kStreamEmptied, 30)) counts_.Forget();
    world_.In(absl::Seconds(1), [this] { Disturb(); });
  }

  World& world_;
  const bool crowded_;
  SharedCounts counts_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  absl::Time heal_time_ = absl::InfiniteFuture();
  Meter shared_;
};

}  // namespace

std::unique_ptr<Story> BeginRates(World& world) {
  return std::make_unique<RatesStory>(world);
}

}  // namespace arasta::simulation
