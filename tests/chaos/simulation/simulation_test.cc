// The simulation notices what it is there to notice, and nothing else; and a seed is the same every time.
#include <algorithm>
#include <array>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "tests/chaos/simulation/story.h"

namespace arasta::simulation {
namespace {

const StoryKind& StoryOf(absl::string_view name) {
  return *std::find_if(std::begin(kStories), std::end(kStories),
                       [name](const StoryKind& kind) { return kind.name == name; });
}

struct Mutation {
  Bug bug;
  absl::string_view story;
  std::vector<Fact> facts;  // one of these is what breaks
};

std::ostream& operator<<(std::ostream& out, const Mutation& mutation) {
  return out << NameOf(mutation.bug);
}

class MutationTest : public ::testing::TestWithParam<Mutation> {};

TEST_P(MutationTest, IsFoundWithinThreeHundredSeeds) {
  const StoryKind& story = StoryOf(GetParam().story);
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const Telling telling = Tell(story, seed, GetParam().bug);
    if (!telling.violation) continue;
    EXPECT_THAT(GetParam().facts, ::testing::Contains(telling.violation->fact))
        << NameOf(telling.violation->fact) << ": " << telling.violation->what << ", seed " << seed;
    // Nothing but the bug is to blame.
    EXPECT_FALSE(Tell(story, seed, Bug::kNone).violation.has_value()) << "seed " << seed;
    RecordProperty("seed", static_cast<int>(seed));
    return;
  }
  FAIL() << "not found";
}

INSTANTIATE_TEST_SUITE_P(
    Bugs, MutationTest,
    ::testing::Values(
        Mutation{Bug::kAcknowledgeBeforeCommit, "checkout", {Fact::kO1AcknowledgedIsSo}},
        Mutation{Bug::kInDoubtIsFailure, "checkout", {Fact::kO5DefiniteFailure}},
        Mutation{Bug::kMovesUnfenced,
                 "checkout",
                 {Fact::kO1AcknowledgedIsSo, Fact::kO3LegalHistory, Fact::kM2WithinBounds,
                  Fact::kM4SettledMoney, Fact::kM5ProvidersBook, Fact::kS5NothingHeldAfterwards}},
        Mutation{Bug::kConfirmWithoutCompareAndSet,
                 "checkout",
                 {Fact::kO1AcknowledgedIsSo, Fact::kO3LegalHistory, Fact::kM2WithinBounds,
                  Fact::kM4SettledMoney, Fact::kM5ProvidersBook, Fact::kS5NothingHeldAfterwards}},
        Mutation{Bug::kRefundWithNewKey, "checkout", {Fact::kM5ProvidersBook}},
        Mutation{Bug::kVoidForgotten, "checkout", {Fact::kM4SettledMoney, Fact::kM5ProvidersBook}},
        Mutation{Bug::kReserveReadThenWrite, "checkout", {Fact::kS1WithinOnHand}},
        Mutation{Bug::kReleaseLetsReserve, "checkout", {Fact::kS5NothingHeldAfterwards}},
        Mutation{Bug::kNoGapCheck, "events", {Fact::kE1ExactlyOnce}},
        Mutation{Bug::kHeadsIgnored, "events", {Fact::kE1ExactlyOnce}},
        Mutation{Bug::kWatermarkBeforeEffects, "events", {Fact::kE1ExactlyOnce}},
        Mutation{Bug::kClaimOutsideTransaction, "events", {Fact::kE1ExactlyOnce, Fact::kE3InOrder}},
        Mutation{Bug::kWatermarkUnfenced, "events", {Fact::kE5WatermarkNeverBack, Fact::kF1LastHolderWrites}},
        Mutation{Bug::kPollById, "events", {Fact::kE1ExactlyOnce, Fact::kE3InOrder}},
        Mutation{Bug::kLocalClockLease, "events", {Fact::kF2OneHolder}},
        Mutation{Bug::kLocalClockLease, "jobs", {Fact::kF2OneHolder}},
        Mutation{Bug::kJobUnfenced, "jobs", {Fact::kF1LastHolderWrites}},
        Mutation{Bug::kRotationReadThenWrite, "sessions", {Fact::kT1ConsumedOnce}},
        Mutation{Bug::kReuseForgiven, "sessions", {Fact::kT2ReuseEndsTheFamily}},
        Mutation{Bug::kLimiterReadThenWrite, "logins", {Fact::kT6Limited}},
        Mutation{Bug::kRatesByWallClock, "rates", {Fact::kT6WithinBucket, Fact::kT6NobodyWronged}},
        Mutation{Bug::kRatesNotLearned, "rates", {Fact::kT6SharedAsOne}},
        Mutation{Bug::kRatesToldTwice, "rates", {Fact::kT6NobodyWronged}}),
    [](const auto& info) {
      return std::string(NameOf(info.param.bug)) + "_in_" + std::string(info.param.story);
    });

TEST(SimulationTest, EveryFactHoldsWithoutABug) {
  for (const StoryKind& story : kStories) {
    for (uint64_t seed = 1; seed <= 40; ++seed) {
      const Telling telling = Tell(story, seed, Bug::kNone);
      EXPECT_FALSE(telling.violation.has_value())
          << story.name << ", seed " << seed << ": " << NameOf(telling.violation->fact);
    }
  }
}

TEST(SimulationTest, EveryFaultIsInjectedAndEveryFactChecked) {
  Tally tally;
  for (const StoryKind& story : kStories) {
    for (uint64_t seed = 1; seed <= 40; ++seed) tally.Add(Tell(story, seed, Bug::kNone).tally);
  }
  for (int i = 0; i < kFaults; ++i) EXPECT_GT(tally.faults[i], 0) << NameOf(static_cast<Fault>(i));
  for (int i = 0; i < kFacts; ++i) EXPECT_GT(tally.facts[i], 0) << NameOf(static_cast<Fact>(i));
}

TEST(SimulationTest, ASeedIsTheSameEveryTime) {
  for (const StoryKind& story : kStories) {
    std::ostringstream first, second;
    Tell(story, 7, Bug::kNone, &first);
    Tell(story, 7, Bug::kNone, &second);
    EXPECT_EQ(first.str(), second.str()) << story.name;
    EXPECT_FALSE(first.str().empty());
  }
}

}  // namespace
}  // namespace arasta::simulation
