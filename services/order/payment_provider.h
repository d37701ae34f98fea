// The port to whoever moves the money: the sandbox, or a real provider.
#pragma once

#include <cstdint>
#include <string>

#include "common/call/call.h"
#include "services/order/order.h"
#include "services/order/saga.h"

namespace arasta::order {

// One operation. A repeat with the same key gets the answer of the first and moves nothing.
struct PaymentOperation {
  // "{order}:{step}:{generation}".
  std::string key = {};
  // Which payment it belongs to: the order's id.
  std::string payment = {};
  std::string currency = {};
  int64_t amount = 0;
  // From the provider, for Authorize. Secret.
  std::string token = {};
};

// The operation of a step that asks the provider, with a key that every driver of the order finds again.
PaymentOperation OperationOf(const Order& order, const std::string& token, SagaStep step);

// Thread-safe. A refusal's `decline_code` is the provider's word; a status means unknown. Never called
// inside a transaction.
class PaymentProvider {
 public:
  virtual ~PaymentProvider() = default;

  virtual Verdict Authorize(const Call& call, const PaymentOperation& operation) = 0;
  virtual Verdict Capture(const Call& call, const PaymentOperation& operation) = 0;
  // Gives back an authorisation. Once done, none of that payment exists or can come to exist, so it also
  // ends one that is still on its way. Refused only where the money was captured before.
  virtual Verdict Void(const Call& call, const PaymentOperation& operation) = 0;
  virtual Verdict Refund(const Call& call, const PaymentOperation& operation) = 0;
};

}  // namespace arasta::order
