// What this process holds of the machine's memory.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <fstream>

namespace arasta::testing {

// Nothing under TSan, which remembers every byte several times over: what is measured there is not ours.
inline int64_t ResidentBytes() {
#ifdef ARASTA_TSAN
  return 0;
#endif
  std::ifstream statm("/proc/self/statm");
  int64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace arasta::testing
