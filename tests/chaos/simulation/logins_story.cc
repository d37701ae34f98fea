// Guessing a password: many guesses at once over two auth processes, whose common count is in a Redis that
// forgets. However it goes, guesses stay as few as the policy says.
#include <memory>
#include <string>

#include "services/auth/throttle.h"
#include "tests/chaos/simulation/process.h"
#include "tests/chaos/simulation/story.h"

namespace arasta::simulation {
namespace {

using auth::Charge;
using auth::ThrottlePolicy;
using auth::ThrottleState;

constexpr int kGuessers = 6;
constexpr int kAttempts = 64;
constexpr absl::Duration kStep = absl::Milliseconds(1);

// The cache's Redis: one key.
struct Cache {
  std::string value;
  int lost = 0;  // how often it forgot
};

// The most failures that fit into `time` where nothing forgets.
int MostGuesses(const ThrottlePolicy& policy, absl::Duration time) {
  int guesses = policy.free_failures;
  for (absl::Duration wait = policy.first_wait; wait <= time; ++guesses) {
    time -= wait;
    wait = std::min(wait * 2, policy.longest_wait);
  }
  return guesses + 1;
}

// An auth process: the driver of the throttle (services/auth/throttle_store.cc).
class AuthReplica {
 public:
  using Update = std::function<void(ThrottleState&, const ThrottlePolicy&)>;

  AuthReplica(World& world, const std::string& name, Cache& cache)
      : world_(world), cache_(cache), process_(world, name, [this] { Boot(); }) {}

  // `on_granted`: the guess was looked at.
  void Guess(const std::function<void()>& on_granted) {
    process_.Then(absl::ZeroDuration(), [this, on_granted] {
      auto charge = std::make_shared<Charge>();
      const Update take = [this, charge](ThrottleState& state, const ThrottlePolicy& policy) {
        *charge = auth::ChargeAttempt(state, policy, process_.Now());
      };
      Step(take, kAttempts, [this, charge, on_granted] {
        if (charge->verdict != Charge::Verdict::kGranted) return;
        on_granted();
        const absl::Duration hashing =
            world_.random().Between(absl::Milliseconds(50), absl::Milliseconds(400));
        process_.Then(hashing, [this, end = charge->end] { Settle(end); });
      });
    });
  }

  int lives() const { return lives_; }

 private:
  void Boot() {
    ++lives_;
    here_ = {};
  }

  void Settle(absl::Time end) {
    const Update settle = [this, end](ThrottleState& state, const ThrottlePolicy& policy) {
      auth::SettleAttempt(state, policy, process_.Now(), end, auth::Outcome::kFailed);
    };
    Step(settle, kAttempts, [] {});
  }

  // In Redis by compare-and-set, or here while it is away.
  void Step(const Update& update, int attempts, const std::function<void()>& done) {
    if (world_.Strikes(Fault::kStreamAway, 20)) return StepHere(update, done);
    const std::string stored = cache_.value;
    process_.Then(kStep, [this, update, attempts, done, stored] {
      ThrottleState state = ThrottleState::Decode(stored).value_or(ThrottleState());
      const std::string before = state.Encode();
      update(state, policy_);
      if (state.Encode() == before) return done();
      const bool fits = cache_.value == stored || world_.Has(Bug::kLimiterReadThenWrite);
      if (!fits) return attempts > 1 ? Step(update, attempts - 1, done) : void();
      cache_.value = state.Encode();
      if (world_.Strikes(Fault::kStreamAnswerLost, 20)) return StepHere(update, done);
      done();
    });
  }

  void StepHere(const Update& update, const std::function<void()>& done) {
    update(here_, auth::QuarterOf(policy_));
    done();
  }

  World& world_;
  Cache& cache_;
  const ThrottlePolicy policy_;
  Process process_;
  ThrottleState here_;  // a death forgets it
  int lives_ = 0;
};

class LoginsStory : public Story {
 public:
  explicit LoginsStory(World& world) : world_(world), begin_(world.now()) {
    for (int i = 0; i < kGuessers; ++i) Guess();
    Disturb();
  }

  void CheckSettled() override { Check(); }

 private:
  void Guess() {
    AuthReplica& replica = world_.random().PerMille(500) ? first_ : second_;
    replica.Guess([this] {
      ++guesses_;
      Check();
    });
    world_.In(world_.random().Between(absl::ZeroDuration(), absl::Milliseconds(500)), [this] { Guess(); });
  }

  void Disturb() {
    if (world_.Strikes(Fault::kStreamEmptied, 5)) {
      cache_.value.clear();
      ++cache_.lost;
    }
    world_.In(absl::Seconds(1), [this] { Disturb(); });
  }

  // Every loss of the count begins it anew; a clock that jumps lets waits end that have hardly begun.
  void Check() {
    const int64_t jumps = world_.tally().faults[static_cast<size_t>(Fault::kClockJump)];
    const absl::Duration time = world_.now() - begin_ + absl::Hours(2) * jumps;
    const ThrottlePolicy policy;
    const int together = (cache_.lost + 1) * MostGuesses(policy, time);
    const int alone = (first_.lives() + second_.lives()) * MostGuesses(auth::QuarterOf(policy), time);
    const bool redis_away = world_.tally().faults[static_cast<size_t>(Fault::kStreamAway)] +
                                world_.tally().faults[static_cast<size_t>(Fault::kStreamAnswerLost)] >
                            0;
    const int most = together + (redis_away ? alone : 0);
    world_.Holds(Fact::kT6Limited, guesses_ <= most, guesses_, " guesses, of ", most);
  }

  World& world_;
  const absl::Time begin_;
  Cache cache_;
  AuthReplica first_{world_, "auth-1", cache_};
  AuthReplica second_{world_, "auth-2", cache_};
  int guesses_ = 0;
};

}  // namespace

std::unique_ptr<Story> BeginLogins(World& world) {
  return std::make_unique<LoginsStory>(world);
}

}  // namespace arasta::simulation
