#include "tests/chaos/simulation/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "common/base/errors.h"

namespace arasta::simulation {
namespace {

constexpr absl::Duration kSoon = absl::Milliseconds(5);
constexpr absl::Duration kLate = absl::Seconds(20);
constexpr absl::Duration kSilence = absl::Minutes(20);

absl::Status InDoubt() {
  return Error(absl::StatusCode::kUnavailable, "COMMIT_IN_DOUBT", "it may have happened");
}

}  // namespace

absl::string_view NameOf(Fault fault) {
  constexpr std::array<absl::string_view, kFaults> kNames = {"process crashed",
                                                             "process stopped and continued",
                                                             "clock set off",
                                                             "silence of 20 min",
                                                             "transaction refused",
                                                             "commit in doubt, applied",
                                                             "commit in doubt, late",
                                                             "message lost",
                                                             "message late",
                                                             "message twice",
                                                             "Redis away",
                                                             "Redis answer lost",
                                                             "Redis emptied",
                                                             "Redis rewound",
                                                             "outbox restored",
                                                             "poison event",
                                                             "customer cancels",
                                                             "token stolen"};
  return kNames[static_cast<size_t>(fault)];
}

absl::string_view NameOf(Fact fact) {
  constexpr std::array<absl::string_view, kFacts> kNames = {
      "M1 the ledger balances",
      "M2 captured is at most authorised, no account out of its bound",
      "M4 placed: captured = total; cancelled: captured = refunded",
      "M5 the provider's book equals ours, nothing twice",
      "S1 0 <= reserved <= on hand",
      "S2 what left the shelf is what was sold",
      "S3 reserved is the sum of active reservations",
      "S5 no hold of a finished order",
      "O1 what was acknowledged is so",
      "O2 one order a request, all answers name it",
      "O3 history without gaps, legal moves, one end",
      "O4 terminal after healing",
      "O5 a definite failure leaves nothing",
      "E1 every event takes effect exactly once",
      "E2 no effect without an event",
      "E3 in order per aggregate",
      "E5 watermarks never go back",
      "F  only the last holder of a lease writes",
      "F  one holder of a lease at a time",
      "T1 a refresh token is consumed once",
      "T2 reuse ends the family",
      "T6 guesses stay within the limit",
      "T6 no gateway admits more than a bucket gives",
      "T6 gateways that share admit about as much as one",
      "T6 who keeps to the rate is never refused"};
  return kNames[static_cast<size_t>(fact)];
}

absl::string_view NameOf(Bug bug) {
  constexpr std::array<absl::string_view, kBugs> kNames = {"none",
                                                           "acknowledge_before_commit",
                                                           "in_doubt_is_failure",
                                                           "moves_unfenced",
                                                           "confirm_without_compare_and_set",
                                                           "refund_with_new_key",
                                                           "void_forgotten",
                                                           "reserve_read_then_write",
                                                           "release_lets_reserve",
                                                           "no_gap_check",
                                                           "heads_ignored",
                                                           "watermark_before_effects",
                                                           "claim_outside_transaction",
                                                           "watermark_unfenced",
                                                           "poll_by_id",
                                                           "local_clock_lease",
                                                           "job_unfenced",
                                                           "rotation_read_then_write",
                                                           "reuse_forgiven",
                                                           "limiter_read_then_write",
                                                           "rates_by_wall_clock",
                                                           "rates_not_learned",
                                                           "rates_told_twice"};
  return kNames[static_cast<size_t>(bug)];
}

void Tally::Add(const Tally& other) {
  steps += other.steps;
  for (size_t i = 0; i < faults.size(); ++i) faults[i] += other.faults[i];
  for (size_t i = 0; i < facts.size(); ++i) facts[i] += other.facts[i];
}

World::World(uint64_t seed, Bug bug, std::ostream* trace) : random_(seed), bug_(bug), trace_(trace) {
  constexpr int kWeights[] = {0, 1, 1, 4};
  for (int& weight : weather_) weight = random_.AnyOf(kWeights);
}

void World::In(absl::Duration delay, std::function<void()> step) {
  steps_.push_back({now_ + delay, ++last_number_, std::move(step)});
  std::push_heap(steps_.begin(), steps_.end());
}

void World::Run(absl::Duration storm, absl::Duration calm) {
  RunUntil(now_ + storm);
  Trace("-- healed");
  healed_ = true;
  RunUntil(now_ + calm);
}

void World::RunUntil(absl::Time end) {
  while (!violation_ && !steps_.empty() && steps_.front().time < end) {
    std::pop_heap(steps_.begin(), steps_.end());
    const Step step = std::move(steps_.back());
    steps_.pop_back();
    now_ = std::max(now_, step.time);
    ++tally_.steps;
    // What was due meanwhile happens at once, and late.
    if (Strikes(Fault::kLongSilence, 1)) {
      now_ += kSilence;
      end += kSilence;
    }
    step.run();
  }
  now_ = std::max(now_, end);
}

bool World::Strikes(Fault fault, int per_mille) {
  const auto i = static_cast<size_t>(fault);
  if (healed_ || weather_[i] == 0 || !random_.PerMille(per_mille * weather_[i])) return false;
  ++tally_.faults[i];
  Trace("!! ", NameOf(fault));
  return true;
}

void World::Send(const std::function<void()>& deliver) {
  if (Strikes(Fault::kMessageLost, 30)) return;
  if (Strikes(Fault::kMessageTwice, 20)) In(random_.Between(kSoon, kLate), deliver);
  const bool late = Strikes(Fault::kMessageLate, 20);
  In(random_.Between(absl::ZeroDuration(), late ? kLate : kSoon), deliver);
}

absl::Status World::Transact(const std::function<absl::Status()>& body) {
  if (Strikes(Fault::kRefused, 20)) return absl::UnavailableError("refused");
  if (Strikes(Fault::kCommitLate, 5)) {
    In(random_.Between(kSoon, kLate), [body] { body().IgnoreError(); });
    return InDoubt();
  }
  const absl::Status status = body();
  if (status.ok() && Strikes(Fault::kCommitInDoubt, 10)) return InDoubt();
  return status;
}

void World::WriteTrace(const std::string& line) {
  const absl::Duration since = now_ - absl::FromUnixSeconds(1'900'000'000);
  *trace_ << absl::StrFormat("%12.3f  %s\n", absl::ToDoubleSeconds(since), line);
}

}  // namespace arasta::simulation
