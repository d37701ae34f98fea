#include "services/gateway/byte_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace arasta::gateway {
namespace {

TEST(ByteQueueTest, GivesBytesInOrderWhateverThePieces) {
  ByteQueue queue;
  queue.Append("abc");
  queue.Take(2);
  queue.Append("def");
  EXPECT_EQ(queue.front(), "cdef");
  queue.Take(4);
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.Rewind());
}

TEST(ByteQueueTest, TakesAgainWhatItHolds) {
  ByteQueue queue;
  queue.Hold();
  queue.Append("abc");
  queue.Take(3);
  EXPECT_TRUE(queue.empty());
  queue.Append("def");
  ASSERT_TRUE(queue.Rewind());
  EXPECT_EQ(queue.front(), "abcdef");
}

TEST(ByteQueueTest, HoldsNoMoreThanItsBound) {
  ByteQueue queue;
  queue.Hold();
  for (int i = 0; i < 100; ++i) {
    queue.Append(std::string(1000, 'x'));
    queue.Take(1000);
  }
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.Rewind());
}

TEST(ByteQueueTest, ForgetsWhatItHeldOnceReleased) {
  ByteQueue queue;
  queue.Hold();
  queue.Append("abc");
  queue.Take(1);
  queue.Release();
  EXPECT_EQ(queue.front(), "bc");
  queue.Take(2);
  EXPECT_FALSE(queue.Rewind());
}

}  // namespace
}  // namespace arasta::gateway
