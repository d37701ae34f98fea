// The double-entry ledger of an order's money. A move names both accounts and one amount, so every
// move balances by its shape.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "services/order/order_state.h"

namespace arasta::order {

// Money passes from `credit_account` to `debit_account`, always the order's whole total.
struct LedgerMove {
  absl::string_view action;
  absl::string_view debit_account;
  absl::string_view credit_account;

  friend bool operator==(const LedgerMove&, const LedgerMove&) = default;
};

// What to book when a payment goes from one state to another. Empty where no money is concerned.
std::vector<LedgerMove> MovesBetween(PaymentState from, PaymentState to);

}  // namespace arasta::order
