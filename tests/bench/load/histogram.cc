#include "tests/bench/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace arasta::bench {

// Values below 2 * kHalf have a bucket each; above, every doubling is cut into kHalf buckets.
size_t Histogram::IndexOf(uint64_t value) {
  if (value < 2 * kHalf) return static_cast<size_t>(value);
  const int shift = std::bit_width(value) - kHalfBits - 1;
  return (static_cast<size_t>(shift) << kHalfBits) + static_cast<size_t>(value >> shift);
}

uint64_t Histogram::EndOf(size_t index) {
  if (index < 2 * kHalf) return index;
  const size_t shift = (index >> kHalfBits) - 1;
  return (((index & (kHalf - 1)) | kHalf) + 1) * (uint64_t{1} << shift) - 1;
}

void Histogram::Record(int64_t nanoseconds) {
  const int64_t value = std::max<int64_t>(nanoseconds, 0);
  ++counts_[IndexOf(static_cast<uint64_t>(value))];
  ++count_;
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

int64_t Histogram::Percentile(double percent) const {
  const int64_t wanted =
      std::max<int64_t>(1, static_cast<int64_t>(std::ceil(percent / 100 * static_cast<double>(count_))));
  int64_t seen = 0;
  for (size_t index = 0; index < counts_.size(); ++index) {
    seen += counts_[index];
    if (seen >= wanted) return std::min(max_, static_cast<int64_t>(EndOf(index)));
  }
  return max_;
}

}  // namespace arasta::bench
