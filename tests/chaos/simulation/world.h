// The world a story is told in: simulated time, faults drawn from a seed, and the facts that are checked.
// Everything happens on one thread, a step at a time, and anything can happen between two steps.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "tests/chaos/simulation/random.h"

namespace arasta::simulation {

enum class Fault {
  kCrash,          // a process dies between two steps and comes back
  kPause,          // a process is stopped for a while, and goes on as if nothing had been
  kClockJump,      // a process's clock is set an hour off, or right again
  kLongSilence,    // nothing at all happens for 20 minutes
  kRefused,        // a transaction fails
  kCommitInDoubt,  // it is applied and the answer lost
  kCommitLate,     // as before, but it is applied later
  kMessageLost,    // a request or an answer
  kMessageLate,
  kMessageTwice,
  kStreamAway,        // Redis does not answer, and has done nothing
  kStreamAnswerLost,  // it has done it
  kStreamEmptied,
  kStreamRewound,   // to what it was a while ago
  kOutboxRestored,  // the producer's database is what it was a while ago
  kPoison,          // an event that can't be applied
  kChangeOfMind,    // a customer cancels
  kTheft,           // somebody uses a copy of a refresh token
};
inline constexpr int kFaults = 18;

// What the facts are called in the specification; the checks say where they are looked at.
enum class Fact {
  kM1Balanced,
  kM2WithinBounds,
  kM4SettledMoney,
  kM5ProvidersBook,
  kS1WithinOnHand,
  kS2SoldLeft,
  kS3ReservedIsHeld,
  kS5NothingHeldAfterwards,
  kO1AcknowledgedIsSo,
  kO2OneOrderARequest,
  kO3LegalHistory,
  kO4Terminal,
  kO5DefiniteFailure,
  kE1ExactlyOnce,
  kE2NoEffectWithoutEvent,
  kE3InOrder,
  kE5WatermarkNeverBack,
  kF1LastHolderWrites,
  kF2OneHolder,
  kT1ConsumedOnce,
  kT2ReuseEndsTheFamily,
  kT6Limited,
  kT6WithinBucket,
  kT6SharedAsOne,
  kT6NobodyWronged,
};
inline constexpr int kFacts = 25;

// Mutations: what is left out on purpose, to see that the facts notice.
enum class Bug {
  kNone,
  kAcknowledgeBeforeCommit,
  kInDoubtIsFailure,
  kMovesUnfenced,
  kConfirmWithoutCompareAndSet,
  kRefundWithNewKey,
  kVoidForgotten,
  kReserveReadThenWrite,
  kReleaseLetsReserve,
  kNoGapCheck,
  kHeadsIgnored,
  kWatermarkBeforeEffects,
  kClaimOutsideTransaction,
  kWatermarkUnfenced,
  kPollById,

  kLocalClockLease,
  kJobUnfenced,
  kRotationReadThenWrite,
  kReuseForgiven,
  kLimiterReadThenWrite,
  kRatesByWallClock,
  kRatesNotLearned,
  kRatesToldTwice,
};
inline constexpr int kBugs = 23;

absl::string_view NameOf(Fault fault);
absl::string_view NameOf(Fact fact);
// As `--bug` takes it.
absl::string_view NameOf(Bug bug);

// What came of one seed or of many.
struct Tally {
  int64_t steps = 0;
  std::array<int64_t, kFaults> faults{};
  std::array<int64_t, kFacts> facts{};

  void Add(const Tally& other);
};

struct Violation {
  Fact fact;
  std::string what;
};

class World {
 public:
  // `trace`: a line a step, for a seed that failed.
  World(uint64_t seed, Bug bug, std::ostream* trace = nullptr);

  Random& random() { return random_; }
  // The databases' clock.
  absl::Time now() const { return now_; }
  bool healed() const { return healed_; }
  bool Has(Bug bug) const { return bug_ == bug; }

  // Has `step` happen after `delay`.
  void In(absl::Duration delay, std::function<void()> step);
  // Lets things happen, with faults for `storm` and without for `calm`, until a fact does not hold.
  void Run(absl::Duration storm, absl::Duration calm);

  // Whether the fault happens now. Every seed has a weather of its own: some faults never, some often.
  bool Strikes(Fault fault, int per_mille);

  // Delivers a message at some time, once, twice or never.
  void Send(const std::function<void()>& deliver);

  // Runs `body`, which changes nothing unless it returns OK, as a transaction of its own: wholly or not
  // at all. UNAVAILABLE: it was not. The same with COMMIT_IN_DOUBT: it was, will be, or never is.
  // `body` may run after the caller is gone.
  absl::Status Transact(const std::function<absl::Status()>& body);

  // The same for a body with a result.
  template <typename T>
  absl::StatusOr<T> Ask(std::function<absl::StatusOr<T>()> body) {
    auto result = std::make_shared<absl::StatusOr<T>>(absl::UnknownError("not run"));
    const absl::Status status = Transact([body = std::move(body), result] {
      *result = body();
      return result->status();
    });
    if (!status.ok()) return status;
    return *result;
  }

  // Checks a fact; the first that does not hold ends the story.
  template <typename... Parts>
  void Holds(Fact fact, bool holds, const Parts&... what) {
    ++tally_.facts[static_cast<size_t>(fact)];
    if (!holds && !violation_) violation_ = Violation{fact, absl::StrCat(what...)};
  }

  template <typename... Parts>
  void Trace(const Parts&... what) {
    if (trace_ != nullptr) WriteTrace(absl::StrCat(what...));
  }

  const absl::optional<Violation>& violation() const { return violation_; }
  const Tally& tally() const { return tally_; }

 private:
  struct Step {
    absl::Time time;
    int64_t number;  // first come, first served within a microsecond
    std::function<void()> run;

    bool operator<(const Step& other) const {
      return time != other.time ? time > other.time : number > other.number;
    }
  };

  void RunUntil(absl::Time end);
  void WriteTrace(const std::string& line);

  Random random_;
  const Bug bug_;
  std::ostream* const trace_;
  std::array<int, kFaults> weather_;
  absl::Time now_ = absl::FromUnixSeconds(1'900'000'000);
  bool healed_ = false;
  std::vector<Step> steps_;  // a heap
  int64_t last_number_ = 0;
  absl::optional<Violation> violation_;
  Tally tally_;
};

}  // namespace arasta::simulation
