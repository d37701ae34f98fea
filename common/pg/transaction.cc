#include "common/pg/transaction.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/seeded_bug.h"
#include "common/base/status_macros.h"
#include "common/pg/errors.h"
#include "common/trace/span.h"

namespace arasta::pg::internal {
namespace {

constexpr int kMaxAttempts = 4;

absl::Status Expired() {
  return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "no time left for the database");
}

struct Outcome {
  absl::Status status;
  bool begun = false;  // the body of a transaction was reached
};

// One attempt on one connection. libpqxx ends with exceptions, all of which stop here.
Outcome Attempt(Lease& lease, Bracket bracket, absl::Duration limit, Body body) {
  Outcome outcome;
  try {
    lease.LimitStatements(limit);
    if (bracket == Bracket::kNone) {
      pqxx::nontransaction tx(lease.connection());
      outcome.status = body(tx);
      return outcome;
    }
    pqxx::work tx(lease.connection());
    outcome.begun = true;
    if (SeededBug("acknowledge_before_commit")) tx.exec("SET LOCAL synchronous_commit = off");
    outcome.status = body(tx);
    if (outcome.status.ok() && bracket == Bracket::kCommit) {
      tx.commit();
    } else {
      tx.abort();
    }
  } catch (const pqxx::pqxx_exception& e) {
    outcome.status = StatusFrom(e.base());
  }
  return outcome;
}

// An error that left nothing behind and may not come again. A connection that was dead before the
// body began, or that a single read found dead, had been idle over a restart of the database.
bool MayRepeat(const Outcome& outcome) {
  if (ReasonOf(outcome.status) == "CONTENTION") return true;
  return !outcome.begun && absl::IsUnavailable(outcome.status);
}

// Two that repeated at once would get in each other's way again.
absl::Duration Pause(int attempts) {
  thread_local absl::InsecureBitGen random;
  return absl::Milliseconds(absl::Uniform(random, 1, 8 << attempts));
}

// "order_store.Claim" of services/order/order_store.cc.
std::string NameOf(Asker asker) {
  absl::string_view file = asker.file;
  file.remove_prefix(file.rfind('/') + 1);
  return absl::StrCat(file.substr(0, file.rfind('.')), ".", asker.function);
}

trace::Span SpanOf(const Call& call, Asker asker, Bracket bracket) {
  trace::Span span(call.trace(), trace::Kind::kClient, "postgresql");
  if (!span.recording()) return span;
  span.SetName(NameOf(asker));
  span.Set("db.system.name", "postgresql");
  span.Set("db.operation.name", bracket == Bracket::kCommit ? "TRANSACTION" : "READ");
  span.Set("code.function.name", asker.function);
  return span;
}

// What a body finds is an answer.
bool IsFault(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsAborted(status) ||
         absl::IsResourceExhausted(status) || absl::IsInternal(status) || absl::IsUnknown(status);
}

absl::Status Repeat(Pool& pool, const Call& call, Bracket bracket, Body body, int& attempt) {
  for (;; ++attempt) {
    if (attempt > 1) absl::SleepFor(std::min(Pause(attempt), call.Remaining()));
    const absl::Duration rest = call.Remaining();
    if (rest <= absl::ZeroDuration()) return Expired();
    ASSIGN_OR_RETURN(Lease lease, pool.Acquire(std::min(pool.options().acquire_wait, rest / 4)));
    Outcome outcome = Attempt(lease, bracket, rest, body);
    if (!lease.connection().is_open()) {
      lease.Discard();
      pool.DropIdle();
    }
    if (outcome.status.ok() || attempt == kMaxAttempts || !MayRepeat(outcome)) return outcome.status;
  }
}

}  // namespace

absl::Status Run(Pool& pool, const Call& call, Asker asker, Bracket bracket, Body body) {
  trace::Span span = SpanOf(call, asker, bracket);
  int attempt = 1;
  absl::Status status = Repeat(pool, call, bracket, body, attempt);
  if (attempt > 1) span.Set("arasta.attempts", attempt);
  span.SetStatus(status, IsFault(status));
  return status;
}

absl::Status RunResolving(Pool& pool, const Call& call, Asker asker, Body body, Body resolve) {
  absl::Status status = Run(pool, call, asker, Bracket::kCommit, body);
  if (!IsCommitInDoubt(status)) return status;
  if (SeededBug("in_doubt_as_failure")) return absl::AbortedError("rolled back, or so it seems");
  absl::Status found = Run(pool, call, asker, Bracket::kRollback, resolve);
  if (found.ok()) return found;
  // What the look-up could not settle stays in doubt: a failure now would be a lie if it did commit.
  return absl::IsNotFound(found) || absl::IsUnavailable(found) || absl::IsDeadlineExceeded(found) ||
                 absl::IsResourceExhausted(found)
             ? CommitInDoubt()
             : found;
}

}  // namespace arasta::pg::internal
