// simulation [--seconds N] [--seed N] [--bug NAME] [--trace]
// Tells every story for seed after seed, for N seconds or, where only a seed is given, for that one. Ends
// with 1 when a fact does not hold: then it prints the seed, what happened, and how to see it again.
#include <chrono>
#include <ctime>
#include <iostream>
#include <random>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/chaos/simulation/story.h"

namespace arasta::simulation {
namespace {

struct Options {
  int64_t seconds = 0;
  absl::optional<uint64_t> seed;
  Bug bug = Bug::kNone;
  bool trace = false;
};

absl::optional<Bug> BugFrom(absl::string_view name) {
  for (int i = 0; i < kBugs; ++i) {
    if (NameOf(static_cast<Bug>(i)) == name) return static_cast<Bug>(i);
  }
  return absl::nullopt;
}

absl::optional<Options> Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--trace") {
      options.trace = true;
      continue;
    }
    if (++i == argc) return absl::nullopt;
    uint64_t seed = 0;
    if (flag == "--seconds") {
      if (!absl::SimpleAtoi(argv[i], &options.seconds)) return absl::nullopt;
    } else if (flag == "--seed") {
      if (!absl::SimpleAtoi(argv[i], &seed)) return absl::nullopt;
      options.seed = seed;
    } else if (flag == "--bug") {
      const absl::optional<Bug> bug = BugFrom(argv[i]);
      if (!bug) return absl::nullopt;
      options.bug = *bug;
    } else {
      return absl::nullopt;
    }
  }
  if (options.seconds == 0 && !options.seed) options.seconds = 60;
  return options;
}

void PrintTally(const Tally& tally, int64_t seeds, absl::Duration spent) {
  const double cpu_minutes = static_cast<double>(std::clock()) / CLOCKS_PER_SEC / 60;
  std::cout << absl::StrFormat("%d seeds, %d steps in %.1f s: %.0f seeds a minute of processor time\n", seeds,
                               tally.steps, absl::ToDoubleSeconds(spent), seeds / cpu_minutes);
  std::cout << "\nfaults injected\n";
  for (int i = 0; i < kFaults; ++i) {
    std::cout << absl::StrFormat("%12d  %s\n", tally.faults[i], NameOf(static_cast<Fault>(i)));
  }
  std::cout << "\nfacts checked\n";
  for (int i = 0; i < kFacts; ++i) {
    std::cout << absl::StrFormat("%12d  %s\n", tally.facts[i], NameOf(static_cast<Fact>(i)));
  }
}

// Tells the story once more, aloud.
void PrintFailure(const char* program, const StoryKind& kind, uint64_t seed, Bug bug,
                  const Violation& violation) {
  std::cout << "story \"" << kind.name << "\", seed " << seed << "\n";
  Tell(kind, seed, bug, &std::cout);
  std::cout << "\nviolated: " << NameOf(violation.fact) << "\n  " << violation.what << "\nreplay: " << program
            << " --seed " << seed;
  if (bug != Bug::kNone) std::cout << " --bug " << NameOf(bug);
  std::cout << "\n";
}

int Run(const char* program, const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  auto spent = [begin] { return absl::FromChrono(std::chrono::steady_clock::now() - begin); };
  const uint64_t first = options.seed.value_or(std::random_device()());
  Tally tally;
  int64_t seeds = 0;
  do {
    const uint64_t seed = first + static_cast<uint64_t>(seeds++);
    for (const StoryKind& kind : kStories) {
      const Telling telling = Tell(kind, seed, options.bug, options.trace ? &std::cout : nullptr);
      tally.Add(telling.tally);
      if (!telling.violation) continue;
      PrintFailure(program, kind, seed, options.bug, *telling.violation);
      return 1;
    }
  } while (spent() < absl::Seconds(options.seconds));
  std::cout << "seeds from " << first << " on: every fact held\n";
  PrintTally(tally, seeds, spent());
  return 0;
}

}  // namespace
}  // namespace arasta::simulation

int main(int argc, char** argv) {
  const auto options = arasta::simulation::Parse(argc, argv);
  if (!options) {
    std::cerr << "usage: simulation [--seconds N] [--seed N] [--bug NAME] [--trace]\n";
    return 2;
  }
  return arasta::simulation::Run(argv[0], *options);
}
