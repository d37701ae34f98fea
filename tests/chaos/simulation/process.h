// A process of the simulation: it dies and comes back without its memory, is stopped and goes on as if
// nothing had been, and its clock is its own.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "tests/chaos/simulation/world.h"

namespace arasta::simulation {

// Outlives the world's steps.
class Process {
 public:
  // `boot` begins with an empty memory; it runs at first, and after every death.
  Process(World& world, std::string name, std::function<void()> boot)
      : world_(world), name_(std::move(name)), boot_(std::move(boot)) {
    world_.In(absl::ZeroDuration(), [this] { boot_(); });
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Has `step` happen after `delay`, unless the process has died by then.
  void Then(absl::Duration delay, std::function<void()> step) {
    world_.In(delay, [this, life = life_, step = std::move(step)] { Happen(life, step); });
  }

  // Wraps what waits for a message: it is dropped when the process has died meanwhile.
  template <typename... Args>
  std::function<void(Args...)> IfAlive(std::function<void(Args...)> step) {
    return [this, life = life_, step = std::move(step)](Args... args) {
      if (life == life_) step(std::move(args)...);
    };
  }

  // The time of day as this process sees it.
  absl::Time Now() const { return world_.now() + clock_error_; }

  const std::string& name() const { return name_; }

 private:
  void Happen(int life, const std::function<void()>& step) {
    if (life != life_ || !up_) return;
    if (world_.now() < stopped_until_) {
      world_.In(stopped_until_ - world_.now(), [this, life, step] { Happen(life, step); });
    } else if (world_.Strikes(Fault::kCrash, 4)) {
      Die();
    } else {
      if (world_.Strikes(Fault::kClockJump, 2)) SetClock();
      if (world_.Strikes(Fault::kPause, 3))
        Stop(step);
      else
        step();
    }
  }

  void Die() {
    world_.Trace(name_, " dies");
    const int life = ++life_;
    up_ = false;
    world_.In(world_.random().Between(absl::Milliseconds(100), absl::Seconds(5)), [this, life] {
      if (life != life_) return;
      world_.Trace(name_, " boots");
      up_ = true;
      boot_();
    });
  }

  void Stop(const std::function<void()>& step) {
    const absl::Duration nap = world_.random().Between(absl::Seconds(1), absl::Seconds(40));
    world_.Trace(name_, " is stopped for ", absl::FormatDuration(nap));
    stopped_until_ = world_.now() + nap;
    world_.In(nap, [this, life = life_, step] { Happen(life, step); });
  }

  void SetClock() {
    constexpr int kHours[] = {-1, 0, 1};
    clock_error_ = absl::Hours(world_.random().AnyOf(kHours));
  }

  World& world_;
  const std::string name_;
  const std::function<void()> boot_;
  int life_ = 0;
  bool up_ = true;
  absl::Time stopped_until_ = absl::InfinitePast();
  absl::Duration clock_error_ = absl::ZeroDuration();
};

}  // namespace arasta::simulation
