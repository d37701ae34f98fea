#include "services/gateway/timer_wheel.h"

#include <algorithm>

namespace arasta::gateway {

void Timer::Cancel() {
  if (wheel_ != nullptr) wheel_->Unlink(*this);
}

void TimerWheel::Unlink(Timer& timer) {
  *timer.link_ = timer.next_;
  if (timer.next_ != nullptr) timer.next_->link_ = timer.link_;
  const size_t slot = static_cast<size_t>(timer.due_tick_) % kSlots;
  if (slots_[slot] == nullptr) occupied_.reset(slot);
  timer.wheel_ = nullptr;
}

void TimerWheel::Start(Timer& timer, int64_t due_ns) {
  timer.Cancel();
  // Rounded up, and never into the tick that has been fired already.
  timer.due_tick_ = std::max((due_ns + kTickNs - 1) / kTickNs, current_tick_ + 1);
  const size_t slot = static_cast<size_t>(timer.due_tick_) % kSlots;
  timer.wheel_ = this;
  timer.next_ = slots_[slot];
  timer.link_ = &slots_[slot];
  if (timer.next_ != nullptr) timer.next_->link_ = &timer.next_;
  slots_[slot] = &timer;
  occupied_.set(slot);
}

void TimerWheel::Advance(int64_t now_ns) {
  const int64_t target = now_ns / kTickNs;
  // After a long sleep one round visits every slot; the ticks in between hold nothing else.
  if (target - current_tick_ > static_cast<int64_t>(kSlots)) current_tick_ = target - kSlots;
  while (current_tick_ < target) {
    ++current_tick_;
    const size_t slot = static_cast<size_t>(current_tick_) % kSlots;
    if (!occupied_.test(slot)) continue;
    // Callbacks may cancel any timer of this slot: start over after each one that fired. Those of later
    // rounds are moved to a list of their own meanwhile, so that nothing is looked at twice.
    Timer* later = nullptr;
    while (Timer* timer = slots_[slot]) {
      Unlink(*timer);
      if (timer->due_tick_ <= target) {
        timer->callback_();
        continue;
      }
      timer->wheel_ = this;
      timer->next_ = later;
      timer->link_ = &later;
      if (later != nullptr) later->link_ = &timer->next_;
      later = timer;
    }
    slots_[slot] = later;
    if (later != nullptr) {
      later->link_ = &slots_[slot];
      occupied_.set(slot);
    }
  }
}

int64_t TimerWheel::NextDueNs() const {
  for (size_t ahead = 1; ahead <= kSlots; ++ahead) {
    const int64_t tick = current_tick_ + static_cast<int64_t>(ahead);
    if (occupied_.test(static_cast<size_t>(tick) % kSlots)) return tick * kTickNs;
  }
  return -1;
}

}  // namespace arasta::gateway
