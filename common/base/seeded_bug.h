// Bugs put in on purpose, to prove that tests/chaos finds them. They are compiled in by the preset `seeded`
// only, for which ARASTA_SEEDED_BUG names the one to be there; everywhere else nothing of them is left.
#pragma once

#ifdef ARASTA_SEEDED_BUGS
#include <cstdlib>
#include <string>
#endif

namespace arasta {

#ifdef ARASTA_SEEDED_BUGS

inline bool SeededBug(const char* name) {
  static const char* const chosen = std::getenv("ARASTA_SEEDED_BUG");
  return chosen != nullptr && std::string(chosen) == name;
}

#else

constexpr bool SeededBug(const char*) {
  return false;
}

#endif

}  // namespace arasta
