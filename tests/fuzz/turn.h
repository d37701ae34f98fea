// The gateway's loop, as far as it goes with what is there.
#pragma once

#include "services/gateway/loop.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {

// All that is ready, and the flush at the end.
inline void RunTurn(gateway::Loop& loop) {
  bool over = false;
  loop.Post([&over] { over = true; });
  loop.RunTurn();
  Require(over, "a turn runs what was posted");
}

}  // namespace arasta::fuzz
