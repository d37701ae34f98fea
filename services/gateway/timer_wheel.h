// Deadlines by the thousand: starting, moving and cancelling a timer costs a list operation, no memory.
// One wheel per loop; not thread-safe. A timer fires up to kTick late, never early.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <functional>
#include <utility>

namespace arasta::gateway {

class TimerWheel;

// Cancels itself when destroyed. The callback may destroy or restart its own timer.
class Timer {
 public:
  explicit Timer(std::function<void()> callback) : callback_(std::move(callback)) {}
  ~Timer() { Cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void Cancel();
  bool pending() const { return wheel_ != nullptr; }

 private:
  friend class TimerWheel;

  std::function<void()> callback_;
  TimerWheel* wheel_ = nullptr;
  Timer* next_ = nullptr;
  Timer** link_ = nullptr;  // what points at this timer
  int64_t due_tick_ = 0;
};

class TimerWheel {
 public:
  static constexpr int64_t kTickNs = 2'000'000;

  explicit TimerWheel(int64_t now_ns) : current_tick_(now_ns / kTickNs) {}

  // (Re)starts the timer for a moment of the loop's clock.
  void Start(Timer& timer, int64_t due_ns);
  // Fires all that is due.
  void Advance(int64_t now_ns);
  // When Advance has something to look at next; negative when there is no timer at all.
  int64_t NextDueNs() const;

 private:
  friend class Timer;
  static constexpr size_t kSlots = 1024;  // about two seconds; later timers go round again

  void Unlink(Timer& timer);

  std::array<Timer*, kSlots> slots_{};
  std::bitset<kSlots> occupied_;
  int64_t current_tick_;
};

}  // namespace arasta::gateway
