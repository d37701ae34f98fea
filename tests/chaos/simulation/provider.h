// The payment provider: asked through the network, answers a key the same for ever, keeps a book.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "services/order/payment_provider.h"
#include "tests/chaos/simulation/world.h"

namespace arasta::simulation {

class Provider {
 public:
  struct Account {
    int64_t authorized = 0;
    int64_t captured = 0;
    int64_t refunded = 0;
    bool voided = false;
  };

  explicit Provider(World& world) : world_(world) {}

  void Ask(order::SagaStep step, const order::PaymentOperation& operation,
           const std::function<void(order::Verdict)>& answer);

  const Account& AccountOf(const std::string& payment) { return accounts_[payment]; }

 private:
  order::Verdict Execute(order::SagaStep step, const order::PaymentOperation& operation);
  order::Verdict Authorize(const order::PaymentOperation& operation, Account& account);
  order::Verdict Capture(const order::PaymentOperation& operation, Account& account);

  World& world_;
  std::map<std::string, order::Verdict> answers_;  // by key
  std::map<std::string, Account> accounts_;        // by payment
  std::map<std::string, std::string> tokens_;      // by payment
};

}  // namespace arasta::simulation
