#include "services/gateway/latency_window.h"

#include <algorithm>

namespace arasta::gateway {
namespace {

constexpr int64_t kTimes = 10;
// A process that had to wait for a core is not ill.
constexpr int64_t kMomentNs = 20'000'000;

// Of values that are there; changes their order.
template <class Values>
int64_t Median(Values& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

bool LatencyWindow::Add(int64_t latency_ns, int64_t now_ns) {
  if (count_ == 0 || now_ns - began_ns_ > kLongestNs) {
    count_ = 0;
    began_ns_ = now_ns;
  }
  samples_[count_++] = latency_ns;
  if (count_ < kSamples) return false;
  count_ = 0;
  typical_ns_ = Median(samples_);
  completed_ns_ = now_ns;
  return true;
}

int64_t LatencyWindow::TypicalNs(int64_t now_ns) const {
  return now_ns - completed_ns_ > kLongestNs ? -1 : typical_ns_;
}

bool StandsOut(int64_t latency_ns, std::vector<int64_t> others_ns) {
  if (others_ns.empty()) return false;
  const int64_t usual_ns = Median(others_ns);
  return latency_ns > kTimes * usual_ns && latency_ns > usual_ns + kMomentNs;
}

}  // namespace arasta::gateway
