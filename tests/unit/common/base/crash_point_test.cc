#include "common/base/crash_point.h"

#include <unistd.h>

#include <cstdlib>

#include "gtest/gtest.h"

namespace arasta {
namespace {

// The environment is read once a process, so each case runs in a process of its own.
class CrashPointTest : public testing::Test {
 protected:
  CrashPointTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
  ~CrashPointTest() override { unsetenv("ARASTA_CRASH_POINT"); }

  static void PassTwiceAndExit(const char* name) {
    CrashPoint(name);
    CrashPoint(name);
    _exit(0);
  }
};

TEST_F(CrashPointTest, EndsTheProcessWhereItIsNamed) {
  setenv("ARASTA_CRASH_POINT", "order.after_claim", 1);
  EXPECT_EXIT(CrashPoint("order.after_claim"), testing::ExitedWithCode(137), "order.after_claim");
}

TEST_F(CrashPointTest, DoesNothingElsewhere) {
  setenv("ARASTA_CRASH_POINT", "order.after_claim", 1);
  EXPECT_EXIT(PassTwiceAndExit("relay.after_xadd"), testing::ExitedWithCode(0), "");
}

TEST_F(CrashPointTest, DoesNothingWhenUnset) {
  EXPECT_EXIT(PassTwiceAndExit("order.after_claim"), testing::ExitedWithCode(0), "");
}

TEST_F(CrashPointTest, WaitsForTheNthPassage) {
  setenv("ARASTA_CRASH_POINT", "order.after_claim:3", 1);
  EXPECT_EXIT(PassTwiceAndExit("order.after_claim"), testing::ExitedWithCode(0), "");
  setenv("ARASTA_CRASH_POINT", "order.after_claim:2", 1);
  EXPECT_EXIT(PassTwiceAndExit("order.after_claim"), testing::ExitedWithCode(137), "");
}

}  // namespace
}  // namespace arasta
