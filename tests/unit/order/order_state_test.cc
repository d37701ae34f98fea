#include "services/order/order_state.h"

#include <map>
#include <utility>

#include "gmock/gmock.h"
#include "tests/support/matchers.h"

namespace arasta::order {
namespace {

using testing::HasReason;
using testing::IsOkAndHolds;

// Every state × every command: what isn't here is refused with the present state.
TEST(OrderStateTest, MovesAsTheTableSaysAndInNoOtherWay) {
  const std::map<std::pair<OrderState, OrderCommand>, OrderState> allowed = {
      {{OrderState::kPending, OrderCommand::kPlace}, OrderState::kPlaced},
      {{OrderState::kPending, OrderCommand::kCancel}, OrderState::kCancelled},
      {{OrderState::kPending, OrderCommand::kExpire}, OrderState::kExpired},
      {{OrderState::kPlaced, OrderCommand::kCancel}, OrderState::kCancelled},
      {{OrderState::kPlaced, OrderCommand::kComplete}, OrderState::kCompleted},
  };
  for (const OrderState state : kOrderStates) {
    for (const OrderCommand command : kOrderCommands) {
      const auto move = allowed.find({state, command});
      if (move != allowed.end()) {
        EXPECT_THAT(Next(state, command), IsOkAndHolds(move->second));
      } else {
        EXPECT_THAT(Next(state, command), HasReason("ORDER_STATE"));
        EXPECT_THAT(Next(state, command).status().message(),
                    ::testing::HasSubstr(std::string(ToString(state))));
      }
    }
  }
}

TEST(OrderStateTest, WordsReadBackAsWritten) {
  for (const OrderState state : kOrderStates) EXPECT_EQ(OrderStateFrom(ToString(state)), state);
  for (const PaymentState state : kPaymentStates) EXPECT_EQ(PaymentStateFrom(ToString(state)), state);
  for (const CancelReason reason : kCancelReasons) EXPECT_EQ(CancelReasonFrom(ToString(reason)), reason);
  EXPECT_EQ(OrderStateFrom("SHIPPED"), absl::nullopt);
}

}  // namespace
}  // namespace arasta::order
