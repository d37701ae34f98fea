// The sandbox provider's book in PostgreSQL: somebody else's database, as far as orders are concerned.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/order/payment_provider.h"

namespace arasta::order {

// What the book says of an operation.
struct SandboxEntry {
  // Empty: approved.
  std::string refusal_code = {};
  // This call wrote it; the others read it.
  bool first = false;
};

// Each function acts once per key. Thread-safe.
class SandboxStore {
 public:
  explicit SandboxStore(pg::Pool& pool) : pool_(pool) {}

  // Refused with `decline_code`, unless that is empty.
  absl::StatusOr<SandboxEntry> Authorize(const Call& call, const PaymentOperation& operation,
                                         const std::string& decline_code);
  absl::StatusOr<SandboxEntry> Capture(const Call& call, const PaymentOperation& operation);
  absl::StatusOr<SandboxEntry> Void(const Call& call, const PaymentOperation& operation);
  absl::StatusOr<SandboxEntry> Refund(const Call& call, const PaymentOperation& operation);

 private:
  pg::Pool& pool_;
};

}  // namespace arasta::order
