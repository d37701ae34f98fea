// Transactions as functions: the only way to reach the database, and where libpqxx's exceptions end. Each is
// a span of the call's trace, named after the function that asks, which is never told here.
#pragma once

#include <optional>
#include <pqxx/nontransaction>
#include <pqxx/transaction>
#include <type_traits>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/pg/pool.h"

namespace arasta::pg {

namespace internal {

using Body = absl::FunctionRef<absl::Status(pqxx::transaction_base&)>;
enum class Bracket { kCommit, kRollback, kNone };

// Which function of which store asked, for the trace. By the compilers' own functions: clang 14 has no
// std::source_location.
struct Asker {
  const char* function;
  const char* file;
};

absl::Status Run(Pool& pool, const Call& call, Asker asker, Bracket bracket, Body body);
absl::Status RunResolving(Pool& pool, const Call& call, Asker asker, Body body, Body resolve);

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

template <class F, class Transaction = pqxx::work>
using ResultOf = std::invoke_result_t<F&, Transaction&>;

// Calls `f`, keeps what it returned and reports its status.
template <class Transaction = pqxx::work, class F>
auto Keep(F& f, std::optional<ResultOf<F, Transaction>>& result) {
  return [&f, &result](pqxx::transaction_base& tx) {
    return StatusOf(result.emplace(f(static_cast<Transaction&>(tx))));
  };
}

template <class Result>
Result Take(const absl::Status& status, std::optional<Result>& result) {
  if (!status.ok()) return status;
  return *std::move(result);
}

}  // namespace internal

// Runs `f(pqxx::work&)`, which returns absl::Status or absl::StatusOr<T>, in a READ COMMITTED
// transaction; commits when it returns OK, else rolls back and returns its status.
//
// `f` may run more than once (serialization failures and deadlocks are retried a few times within the
// call's deadline), so its only effects are in the database. It lets libpqxx's exceptions pass; they
// become statuses as errors.h says. Waits for a connection at most min(the pool's acquire_wait, a quarter of
// the rest).
// UNAVAILABLE with COMMIT_IN_DOUBT: the connection was lost during COMMIT, which may have happened.
template <class F>
internal::ResultOf<F> InTransaction(Pool& pool, const Call& call, F&& f,
                                    const char* function = __builtin_FUNCTION(),
                                    const char* file = __builtin_FILE()) {
  std::optional<internal::ResultOf<F>> result;
  return internal::Take(
      internal::Run(pool, call, {function, file}, internal::Bracket::kCommit, internal::Keep(f, result)),
      result);
}

// As above, but looks a commit in doubt up: `resolve(pqxx::work&)`, which returns what `f` does, reads
// by idempotency key on a fresh connection. NOT_FOUND from it means "not there yet", which proves
// nothing (the server may still be at it), and becomes COMMIT_IN_DOUBT; any other status is the answer.
template <class F, class R>
internal::ResultOf<F> InTransaction(Pool& pool, const Call& call, F&& f, R&& resolve,
                                    const char* function = __builtin_FUNCTION(),
                                    const char* file = __builtin_FILE()) {
  static_assert(std::is_same_v<internal::ResultOf<F>, internal::ResultOf<R>>);
  std::optional<internal::ResultOf<F>> result;
  return internal::Take(internal::RunResolving(pool, call, {function, file}, internal::Keep(f, result),
                                               internal::Keep(resolve, result)),
                        result);
}

// Runs `f` and always rolls back, so whatever it might write is void. Never in doubt.
template <class F>
internal::ResultOf<F> ReadOnly(Pool& pool, const Call& call, F&& f,
                               const char* function = __builtin_FUNCTION(),
                               const char* file = __builtin_FILE()) {
  std::optional<internal::ResultOf<F>> result;
  return internal::Take(
      internal::Run(pool, call, {function, file}, internal::Bracket::kRollback, internal::Keep(f, result)),
      result);
}

// Runs `f(pqxx::nontransaction&)`, which reads with one statement. That is a consistent snapshot by itself,
// so it is spared BEGIN and ROLLBACK, which cost two round trips of three. Never in doubt.
template <class F>
internal::ResultOf<F, pqxx::nontransaction> ReadAtOnce(Pool& pool, const Call& call, F&& f,
                                                       const char* function = __builtin_FUNCTION(),
                                                       const char* file = __builtin_FILE()) {
  std::optional<internal::ResultOf<F, pqxx::nontransaction>> result;
  return internal::Take(internal::Run(pool, call, {function, file}, internal::Bracket::kNone,
                                      internal::Keep<pqxx::nontransaction>(f, result)),
                        result);
}

}  // namespace arasta::pg
