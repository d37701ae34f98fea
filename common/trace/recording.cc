#include "common/trace/recording.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <iterator>
#include <limits>
#include <utility>

#include "common/base/mutex.h"

namespace arasta::trace {
namespace {

constexpr uint64_t kAll = std::numeric_limits<uint64_t>::max();

struct State {
  std::atomic<bool> recording{false};
  std::atomic<uint64_t> below{kAll};  // ids that end below it are sampled
  Mutex mutex;
  CondVar ended;
  std::deque<SpanRecord> spans ABSL_GUARDED_BY(mutex);
  int64_t dropped ABSL_GUARDED_BY(mutex) = 0;
  size_t wanted ABSL_GUARDED_BY(mutex) = kMaxEndedSpans;  // when the exporter is to be woken
};

// Never destroyed: threads may still end spans while the process ends.
State& TheState() {
  static auto* const state = new State;
  return *state;
}

void Append(State& state, SpanRecord span) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
  if (state.spans.size() >= kMaxEndedSpans) {
    ++state.dropped;
  } else {
    state.spans.push_back(std::move(span));
  }
}

}  // namespace

void StartRecording(double ratio) {
  constexpr double kIds = 18446744073709551616.0;  // 2^64
  State& state = TheState();
  state.below = ratio >= 1 ? kAll : static_cast<uint64_t>(std::max(ratio, 0.0) * kIds);
  state.recording = true;
}

void StopRecording() {
  State& state = TheState();
  state.recording = false;
  state.below = kAll;
  MutexLock lock(state.mutex);
  state.spans.clear();
  state.dropped = 0;
}

bool IsRecording() {
  return TheState().recording.load(std::memory_order_relaxed);
}

bool IsSampled(uint64_t trace_id_end) {
  const uint64_t below = TheState().below.load(std::memory_order_relaxed);
  return below == kAll || trace_id_end < below;
}

void Keep(SpanRecord span) {
  State& state = TheState();
  MutexLock lock(state.mutex);
  Append(state, std::move(span));
  if (state.spans.size() == state.wanted) state.ended.NotifyOne();
}

void Keep(std::vector<SpanRecord> spans) {
  State& state = TheState();
  MutexLock lock(state.mutex);
  for (SpanRecord& span : spans) Append(state, std::move(span));
  if (state.spans.size() >= state.wanted) state.ended.NotifyOne();
}

std::vector<SpanRecord> TakeEnded(size_t most, absl::Duration wait, const std::stop_token& stop) {
  State& state = TheState();
  MutexLock lock(state.mutex);
  state.wanted = most;
  auto are_enough = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return state.spans.size() >= most; };
  state.ended.WaitFor(state.mutex, stop, wait, are_enough);
  const auto end = state.spans.begin() + static_cast<ptrdiff_t>(std::min(most, state.spans.size()));
  std::vector<SpanRecord> taken(std::make_move_iterator(state.spans.begin()), std::make_move_iterator(end));
  state.spans.erase(state.spans.begin(), end);
  return taken;
}

int64_t TakeDropped() {
  State& state = TheState();
  MutexLock lock(state.mutex);
  return std::exchange(state.dropped, 0);
}

}  // namespace arasta::trace
