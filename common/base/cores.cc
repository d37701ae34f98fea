#include "common/base/cores.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"

namespace arasta {
namespace {

// The quota of cgroup v2 in cores, "max 100000" meaning none; 0 where there is none.
int QuotaOfCgroup() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota_text;
  int64_t period = 0, quota = 0;
  if (!(file >> quota_text >> period) || period <= 0 || !absl::SimpleAtoi(quota_text, &quota)) return 0;
  return static_cast<int>((quota + period - 1) / period);
}

}  // namespace

int UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cores = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
  if (const int quota = QuotaOfCgroup(); quota > 0) cores = std::min(cores, quota);
  return std::max(cores, 1);
}

}  // namespace arasta
