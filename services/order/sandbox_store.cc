#include "services/order/sandbox_store.h"

#include <pqxx/pqxx>

#include "absl/functional/function_ref.h"
#include "common/pg/transaction.h"

namespace arasta::order {
namespace {

constexpr char kClaimKey[] = R"sql(
  INSERT INTO sandbox_operations (key, payment, action, approved, code) VALUES ($1, $2, $3, true, '')
  ON CONFLICT (key) DO NOTHING
)sql";
constexpr char kFindKey[] = "SELECT code FROM sandbox_operations WHERE key = $1";
constexpr char kRefuseKey[] = "UPDATE sandbox_operations SET approved = false, code = $2 WHERE key = $1";

// Runs `execute`, which returns a refusal's code or "", once per key.
absl::StatusOr<SandboxEntry> Once(pg::Pool& pool, const Call& call, const PaymentOperation& operation,
                                  const std::string& action,
                                  absl::FunctionRef<std::string(pqxx::work&)> execute) {
  return pg::InTransaction(pool, call, [&](pqxx::work& tx) -> absl::StatusOr<SandboxEntry> {
    if (tx.exec_params(kClaimKey, operation.key, operation.payment, action).affected_rows() == 0) {
      return SandboxEntry{.refusal_code = tx.exec_params1(kFindKey, operation.key)[0].as<std::string>()};
    }
    const std::string code = execute(tx);
    if (!code.empty()) tx.exec_params(kRefuseKey, operation.key, code);
    return SandboxEntry{.refusal_code = code, .first = true};
  });
}

std::string RefusedUnless(const pqxx::result& changed, const char* code) {
  return changed.affected_rows() == 1 ? "" : code;
}

// A payment that was voided before it was authorised stays void.
constexpr char kAuthorize[] = R"sql(
  INSERT INTO sandbox_payments (payment, token, currency, authorized) VALUES ($1, $2, $3, $4)
  ON CONFLICT (payment) DO NOTHING
)sql";

constexpr char kCapture[] = R"sql(
  UPDATE sandbox_payments SET captured = $2
  WHERE payment = $1 AND NOT voided AND captured = 0 AND authorized >= $2 AND token <> 'tok_capture_refused'
)sql";

constexpr char kVoid[] = R"sql(
  INSERT INTO sandbox_payments (payment, token, currency, voided) VALUES ($1, '', $2, true)
  ON CONFLICT (payment) DO UPDATE SET voided = true WHERE sandbox_payments.captured = 0
)sql";

constexpr char kRefund[] = R"sql(
  UPDATE sandbox_payments SET refunded = refunded + $2 WHERE payment = $1 AND captured - refunded >= $2
)sql";

}  // namespace

absl::StatusOr<SandboxEntry> SandboxStore::Authorize(const Call& call, const PaymentOperation& operation,
                                                     const std::string& decline_code) {
  return Once(pool_, call, operation, "AUTHORIZE", [&](pqxx::work& tx) {
    if (!decline_code.empty()) return decline_code;
    return RefusedUnless(
        tx.exec_params(kAuthorize, operation.payment, operation.token, operation.currency, operation.amount),
        "VOIDED");
  });
}

absl::StatusOr<SandboxEntry> SandboxStore::Capture(const Call& call, const PaymentOperation& operation) {
  return Once(pool_, call, operation, "CAPTURE", [&](pqxx::work& tx) {
    return RefusedUnless(tx.exec_params(kCapture, operation.payment, operation.amount), "NOT_CAPTURABLE");
  });
}

absl::StatusOr<SandboxEntry> SandboxStore::Void(const Call& call, const PaymentOperation& operation) {
  return Once(pool_, call, operation, "VOID", [&](pqxx::work& tx) {
    return RefusedUnless(tx.exec_params(kVoid, operation.payment, operation.currency), "CAPTURED");
  });
}

absl::StatusOr<SandboxEntry> SandboxStore::Refund(const Call& call, const PaymentOperation& operation) {
  return Once(pool_, call, operation, "REFUND", [&](pqxx::work& tx) {
    return RefusedUnless(tx.exec_params(kRefund, operation.payment, operation.amount), "NOT_REFUNDABLE");
  });
}

}  // namespace arasta::order
