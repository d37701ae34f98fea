#include "services/gateway/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <utility>

namespace arasta::gateway {
namespace {

int64_t SteadyNowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Without these two descriptors there is no process to speak of.
int Checked(int fd) {
  if (fd < 0) std::abort();
  return fd;
}

}  // namespace

Loop::Loop()
    : epoll_fd_(Checked(epoll_create1(EPOLL_CLOEXEC))),
      wake_fd_(Checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))),
      now_ns_(SteadyNowNs()),
      timers_(now_ns_) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // means wake_fd_
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event);
}

Loop::~Loop() {
  doomed_.clear();
  close(wake_fd_);
  close(epoll_fd_);
}

void Loop::Add(int fd, uint32_t events, Pollable& pollable) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &pollable;
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
}

void Loop::Change(int fd, uint32_t events, Pollable& pollable) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &pollable;
  epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event);
}

void Loop::Remove(int fd) {
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
}

void Loop::FlushLater(Pollable& pollable) {
  if (pollable.flush_later_) return;
  pollable.flush_later_ = true;
  to_flush_.push_back(&pollable);
}

void Loop::Post(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    posted_.push_back(std::move(task));
  }
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof one);
}

void Loop::Stop() {
  Post([this] { stopping_ = true; });
}

int Loop::WaitMs() const {
  const int64_t due_ns = timers_.NextDueNs();
  if (due_ns < 0) return -1;
  const int64_t ms = (due_ns - SteadyNowNs() + 999'999) / 1'000'000;
  return static_cast<int>(std::clamp<int64_t>(ms, 0, std::numeric_limits<int>::max()));
}

void Loop::RunPosted() {
  uint64_t ignored;
  [[maybe_unused]] const ssize_t count = read(wake_fd_, &ignored, sizeof ignored);
  std::vector<std::function<void()>> tasks;
  {
    MutexLock lock(mutex_);
    tasks.swap(posted_);
  }
  for (const auto& task : tasks) task();
}

// Flushing one connection may touch another (credit, endings), which then joins the list.
void Loop::FlushAll() {
  for (size_t i = 0; i < to_flush_.size(); ++i) {
    Pollable& pollable = *to_flush_[i];
    pollable.flush_later_ = false;
    pollable.Flush();
  }
  to_flush_.clear();
}

void Loop::Run() {
  while (!stopping_) RunTurn();
}

void Loop::RunTurn() {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), WaitMs());
  now_ns_ = SteadyNowNs();
  bool posted = false;
  for (int i = 0; i < count; ++i) {
    if (auto* pollable = static_cast<Pollable*>(events[i].data.ptr)) {
      pollable->OnEvents(events[i].events);
    } else {
      posted = true;
    }
  }
  // Only now: a task may destroy something that had an event in this turn.
  if (posted) RunPosted();
  timers_.Advance(now_ns_);
  FlushAll();
  doomed_.clear();
}

}  // namespace arasta::gateway
