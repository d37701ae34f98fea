#include "services/gateway/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

namespace arasta::gateway {
namespace {

using testing::ElementsAre;

// Readable from its beginning.
class Readable final : public Pollable {
 public:
  Readable(Loop& loop, std::vector<std::string>& story)
      : loop_(loop), story_(story), fd_(eventfd(1, EFD_CLOEXEC)) {
    loop_.Add(fd_, EPOLLIN, *this);
  }
  ~Readable() override {
    loop_.Remove(fd_);
    close(fd_);
    story_.push_back("destroyed");
  }

  void OnEvents(uint32_t) override { story_.push_back("readable"); }

 private:
  Loop& loop_;
  std::vector<std::string>& story_;
  const int fd_;
};

TEST(LoopTest, ATaskMayDestroyWhatHasAnEventInTheSameTurn) {
  Loop loop;
  std::vector<std::string> story;
  // Posted first, so that the turn hears of the task before it hears of the descriptor.
  std::unique_ptr<Readable> readable;
  loop.Post([&] { readable.reset(); });
  readable = std::make_unique<Readable>(loop, story);
  loop.RunTurn();
  EXPECT_THAT(story, ElementsAre("readable", "destroyed"));
}

}  // namespace
}  // namespace arasta::gateway
