#include "tests/chaos/simulation/story.h"

#include "common/base/hash.h"

namespace arasta::simulation {

Telling Tell(const StoryKind& kind, uint64_t seed, Bug bug, std::ostream* trace) {
  World world(seed ^ StableHash(kind.name), bug, trace);
  const std::unique_ptr<Story> story = kind.begin(world);
  world.Run(kind.storm, kind.calm);
  if (!world.violation()) story->CheckSettled();
  return {world.tally(), world.violation()};
}

}  // namespace arasta::simulation
