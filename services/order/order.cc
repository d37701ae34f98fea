#include "services/order/order.h"

namespace arasta::order {

bool Finished(OrderState state, PaymentState payment) {
  switch (state) {
    case OrderState::kPending:
    case OrderState::kPlaced:
      return false;
    case OrderState::kCompleted:
      return true;
    case OrderState::kCancelled:
    case OrderState::kExpired:
      return payment != PaymentState::kPending && payment != PaymentState::kAuthorized &&
             payment != PaymentState::kCaptured;
  }
  return false;
}

}  // namespace arasta::order
