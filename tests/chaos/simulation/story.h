// A story: some of the production's cores in a world with faults, and what must be true of it.
#pragma once

#include <memory>

#include "absl/strings/string_view.h"
#include "tests/chaos/simulation/world.h"

namespace arasta::simulation {

class Story {
 public:
  virtual ~Story() = default;
  // Once all is healed and nothing is under way.
  virtual void CheckSettled() = 0;
};

// How a story is told: for how long with faults, and how long until all must have settled.
struct StoryKind {
  absl::string_view name;
  std::unique_ptr<Story> (*begin)(World& world);
  absl::Duration storm;
  absl::Duration calm;
};

std::unique_ptr<Story> BeginEvents(World& world);
std::unique_ptr<Story> BeginCheckout(World& world);
std::unique_ptr<Story> BeginJobs(World& world);
std::unique_ptr<Story> BeginSessions(World& world);
std::unique_ptr<Story> BeginLogins(World& world);
std::unique_ptr<Story> BeginRates(World& world);

inline constexpr StoryKind kStories[] = {
    {"events", BeginEvents, absl::Seconds(20), absl::Seconds(60)},
    {"checkout", BeginCheckout, absl::Seconds(40), absl::Seconds(120)},
    {"jobs", BeginJobs, absl::Seconds(60), absl::Seconds(30)},
    {"sessions", BeginSessions, absl::Seconds(60), absl::Seconds(10)},
    {"logins", BeginLogins, absl::Seconds(60), absl::Seconds(10)},
    {"rates", BeginRates, absl::Seconds(20), absl::Seconds(60)},
};

// Tells the story of a seed.
struct Telling {
  Tally tally;
  absl::optional<Violation> violation;
};
Telling Tell(const StoryKind& kind, uint64_t seed, Bug bug, std::ostream* trace = nullptr);

}  // namespace arasta::simulation
