// How long the answers over one connection take lately, and whether that is out of all proportion.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace arasta::gateway {

class LatencyWindow {
 public:
  // So many answers make a window; fewer tell nothing.
  static constexpr size_t kSamples = 16;
  // What is older does not count.
  static constexpr int64_t kLongestNs = 10'000'000'000;

  // True when that completes a window; the next answer begins another.
  bool Add(int64_t latency_ns, int64_t now_ns);
  // The median of the last complete window; negative where there is none.
  int64_t TypicalNs(int64_t now_ns) const;

 private:
  std::array<int64_t, kSamples> samples_{};
  size_t count_ = 0;
  int64_t began_ns_ = 0;
  int64_t typical_ns_ = -1;
  int64_t completed_ns_ = 0;
};

// Ten times the median of the others, and not only a moment more.
bool StandsOut(int64_t latency_ns, std::vector<int64_t> others_ns);

}  // namespace arasta::gateway
