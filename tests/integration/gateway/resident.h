// What this process, gateway and backend in it, holds of the machine's memory.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <fstream>

namespace arasta::gateway {

inline int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace arasta::gateway
