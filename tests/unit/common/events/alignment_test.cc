// What a relay concludes when it meets Redis again.
#include "common/events/alignment.h"

#include "gtest/gtest.h"

namespace arasta::events {
namespace {

// An outbox of incarnation "a" that gave 10 and put 8 into Redis, of which 5 to 10 are in the window.
const OutboxSide kOutbox{"a", 10, 8, 5};

TEST(AlignmentTest, GoesOnAfterWhatRedisHas) {
  EXPECT_EQ(Align(kOutbox, {8, "a", "e8"}, "e8").position, 8);
  EXPECT_FALSE(Align(kOutbox, {8, "a", "e8"}, "e8").rewound);
  // Added before a crash, not recorded.
  EXPECT_EQ(Align(kOutbox, {10, "a", "e10"}, "e10").position, 10);
}

TEST(AlignmentTest, RewindsToWhatRedisStillHasButNotBeyondTheWindow) {
  const Alignment older = Align(kOutbox, {6, "a", "e6"}, "e6");
  EXPECT_TRUE(older.rewound);
  EXPECT_EQ(older.position, 6);
  const Alignment empty = Align(kOutbox, {}, "");
  EXPECT_TRUE(empty.rewound);
  EXPECT_EQ(empty.position, 4);
  EXPECT_EQ(Align({"a", 10, 8, 11}, {}, "").position, 10);
}

TEST(AlignmentTest, SeesThatTheDatabaseWasRestored) {
  EXPECT_TRUE(Align(kOutbox, {11, "a", "e11"}, "").outlived);
  EXPECT_TRUE(Align(kOutbox, {10, "a", "another"}, "e10").outlived);
  // Pruned from the outbox meanwhile.
  EXPECT_FALSE(Align(kOutbox, {3, "a", "e3"}, "").outlived);
}

TEST(AlignmentTest, ForgetsAnotherIncarnationsStream) {
  const Alignment found = Align(kOutbox, {11, "z", "e11"}, "");
  EXPECT_TRUE(found.forget);
  EXPECT_FALSE(found.outlived);
  EXPECT_EQ(found.position, 4);
}

}  // namespace
}  // namespace arasta::events
