// One thread's epoll loop. A turn is: wait, handle what is readable or writable, run posted tasks, fire
// timers, then flush every connection that was touched, once. So all that happened in a turn leaves in
// one write per connection. Everything but Post and Stop belongs to the loop's own thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/mutex.h"
#include "services/gateway/timer_wheel.h"

namespace arasta::gateway {

// Something with a file descriptor.
class Pollable {
 public:
  virtual ~Pollable() = default;
  // `events` as epoll(7) gives them.
  virtual void OnEvents(uint32_t events) = 0;
  // The end of a turn in which Loop::FlushLater was called.
  virtual void Flush() {}

 private:
  friend class Loop;
  bool flush_later_ = false;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Add(int fd, uint32_t events, Pollable& pollable);
  void Change(int fd, uint32_t events, Pollable& pollable);
  void Remove(int fd);

  void FlushLater(Pollable& pollable);
  // Destroys it when the turn is over: events of this turn may still name it.
  void DestroyLater(std::unique_ptr<Pollable> pollable) { doomed_.push_back(std::move(pollable)); }

  // Steady, in nanoseconds, read once a turn.
  int64_t now_ns() const { return now_ns_; }
  TimerWheel& timers() { return timers_; }
  void StartTimer(Timer& timer, int64_t after_ns) { timers_.Start(timer, now_ns_ + after_ns); }

  // Runs `task` on the loop's thread, in its next turn. Thread-safe.
  void Post(std::function<void()> task);
  // Makes Run return at the end of the turn. Thread-safe.
  void Stop();
  void Run();
  // One turn; waits for something to do.
  void RunTurn();

 private:
  int WaitMs() const;
  void RunPosted();
  void FlushAll();

  const int epoll_fd_;
  const int wake_fd_;
  int64_t now_ns_;
  TimerWheel timers_;
  std::vector<Pollable*> to_flush_;
  std::vector<std::unique_ptr<Pollable>> doomed_;
  std::atomic<bool> stopping_ = false;
  Mutex mutex_;
  std::vector<std::function<void()>> posted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace arasta::gateway
