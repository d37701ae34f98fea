#include "services/order/ledger.h"

#include <map>
#include <string>

#include "gmock/gmock.h"

namespace arasta::order {
namespace {

using P = PaymentState;

// Books the moves along a path with an amount of one; accounts at zero are left out.
std::map<std::string, int> BalancesAfter(const std::vector<P>& path) {
  std::map<std::string, int> balances;
  for (size_t i = 1; i < path.size(); ++i) {
    for (const LedgerMove& move : MovesBetween(path[i - 1], path[i])) {
      ++balances[std::string(move.debit_account)];
      --balances[std::string(move.credit_account)];
    }
  }
  std::erase_if(balances, [](const auto& balance) { return balance.second == 0; });
  return balances;
}

using Balances = std::map<std::string, int>;

TEST(LedgerTest, ACaptureLeavesASaleAndNoHold) {
  const Balances sale = {{"due_from_provider", 1}, {"sales", -1}};
  EXPECT_EQ(BalancesAfter({P::kPending, P::kAuthorized, P::kCaptured}), sale);
}

TEST(LedgerTest, WhatIsGivenBackLeavesNothing) {
  EXPECT_EQ(BalancesAfter({P::kPending, P::kAuthorized, P::kVoided}), Balances());
  EXPECT_EQ(BalancesAfter({P::kPending, P::kAuthorized, P::kCaptured, P::kRefunded}), Balances());
}

TEST(LedgerTest, ACaptureThatOnlyTheRefundBringsToLightIsBookedWithIt) {
  EXPECT_EQ(BalancesAfter({P::kPending, P::kAuthorized, P::kRefunded}), Balances());
  EXPECT_THAT(MovesBetween(P::kAuthorized, P::kRefunded), ::testing::SizeIs(3));
}

TEST(LedgerTest, WhatNeverHeldMoneyBooksNothing) {
  for (const P to : {P::kDeclined, P::kCancelled, P::kVoided}) {
    EXPECT_THAT(MovesBetween(P::kPending, to), ::testing::IsEmpty());
  }
}

TEST(LedgerTest, NoStateBooksTwice) {
  for (const P state : kPaymentStates) EXPECT_THAT(MovesBetween(state, state), ::testing::IsEmpty());
}

}  // namespace
}  // namespace arasta::order
