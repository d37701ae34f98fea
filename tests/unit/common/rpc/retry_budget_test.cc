#include "common/rpc/retry_budget.h"

#include <gtest/gtest.h>

namespace arasta::rpc {
namespace {

TEST(RetryBudgetTest, AllowsOneRetryInTenCallsOnceTheSavingsAreSpent) {
  RetryBudget budget;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.Spend());
  EXPECT_FALSE(budget.Spend());
  int retries = 0;
  for (int i = 0; i < 1000; ++i) {
    budget.Earn();
    if (budget.Spend()) ++retries;
  }
  EXPECT_GE(retries, 99);
  EXPECT_LE(retries, 100);
}

}  // namespace
}  // namespace arasta::rpc
