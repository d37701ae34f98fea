#include "common/base/seeded_bug.h"

#include "gtest/gtest.h"

namespace arasta {
namespace {

TEST(SeededBugTest, IsAConstantFalseInABuildForUse) {
#ifndef ARASTA_SEEDED_BUGS
  static_assert(!SeededBug("any"));
#endif
  EXPECT_FALSE(SeededBug("any"));
}

}  // namespace
}  // namespace arasta
