// Counts of durations with a relative error below 1 %, from nanoseconds to hours, in a fixed 60 KiB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace arasta::bench {

// Buckets double every 128 of them, as HdrHistogram's do. Not thread-safe.
class Histogram {
 public:
  void Record(int64_t nanoseconds);

  int64_t count() const { return count_; }
  int64_t max() const { return max_; }
  double mean() const;
  // The smallest recorded duration that at least `percent` of all are not above, rounded up to its bucket's
  // end, but never above max(); 0 where nothing was recorded.
  int64_t Percentile(double percent) const;

 private:
  static constexpr int kHalfBits = 7;
  static constexpr size_t kHalf = size_t{1} << kHalfBits;
  static constexpr size_t kDoublings = 64 - kHalfBits;

  static size_t IndexOf(uint64_t value);
  static uint64_t EndOf(size_t index);

  std::array<int64_t, (kDoublings + 1) * kHalf> counts_{};
  int64_t count_ = 0;
  int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace arasta::bench
