#include "common/pg/pool.h"

#include <poll.h>

#include <algorithm>
#include <pqxx/pqxx>
#include <stop_token>
#include <utility>

#include "absl/numeric/bits.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/pg/errors.h"

namespace arasta::pg {

struct Connection {
  explicit Connection(const std::string& conninfo) : connection(conninfo) {}
  pqxx::connection connection;
  int64_t statement_timeout_ms = 0;
};

namespace {

// libpqxx 6 reconnects on its own unless told not to, with a function it deprecates because libpqxx 7
// never does.
void ForbidReactivation(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

// Whatever an idle session has to say is that it has ended.
bool ClosedByServer(const Connection& connection) {
  pollfd event{connection.connection.sock(), POLLIN, 0};
  return poll(&event, 1, 0) != 0;
}

std::string WithTimeouts(const PoolOptions& options) {
  return absl::StrCat(options.conninfo, " connect_timeout=",
                      std::max<int64_t>(2, absl::ToInt64Seconds(options.connect_timeout)),
                      " tcp_user_timeout=5000");
}

}  // namespace

Lease::Lease(Pool& pool, std::unique_ptr<Connection> connection)
    : pool_(&pool), connection_(std::move(connection)) {}

Lease::Lease(Lease&&) noexcept = default;

Lease::~Lease() {
  if (connection_) pool_->Return(std::move(connection_), broken_);
}

pqxx::connection& Lease::connection() {
  return connection_->connection;
}

void Lease::LimitStatements(absl::Duration limit) {
  const int64_t most = absl::ToInt64Milliseconds(pool_->options().statement_timeout);
  const int64_t rest = std::max<int64_t>(1, absl::ToInt64Milliseconds(limit));
  const int64_t rounded = static_cast<int64_t>(absl::bit_ceil(static_cast<uint64_t>(std::min(rest, most))));
  const int64_t wanted = std::min(rounded, most);
  if (wanted == connection_->statement_timeout_ms) return;
  pqxx::nontransaction(connection_->connection).exec(absl::StrCat("SET statement_timeout = ", wanted));
  connection_->statement_timeout_ms = wanted;
}

Pool::Pool(PoolOptions options) : options_(std::move(options)) {}

Pool::~Pool() = default;

absl::StatusOr<Lease> Pool::Acquire(absl::Duration wait) {
  {
    MutexLock lock(mutex_);
    auto is_free = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return in_use_ < options_.size; };
    if (!returned_.WaitFor(mutex_, std::stop_token(), wait, is_free)) {
      return WithRetryAfter(
          Error(absl::StatusCode::kResourceExhausted, "DATABASE_BUSY", "too many calls at once"),
          absl::Milliseconds(100));
    }
    ++in_use_;
    while (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      if (!ClosedByServer(*connection)) return Lease(*this, std::move(connection));
    }
  }
  try {
    return Lease(*this, Connect());
  } catch (const pqxx::pqxx_exception& e) {
    Return(nullptr, true);
    return StatusFrom(e.base());
  }
}

std::unique_ptr<Connection> Pool::Connect() {
  auto connection = std::make_unique<Connection>(WithTimeouts(options_));
  ForbidReactivation(connection->connection);
  connection->statement_timeout_ms = absl::ToInt64Milliseconds(options_.statement_timeout);
  // Ours are short statements that the planner takes for dear ones: compiling them takes a hundred times as
  // long as they do, and 50 MB of each session.
  pqxx::nontransaction(connection->connection)
      .exec(absl::StrCat("SET jit = off; SET statement_timeout = ", connection->statement_timeout_ms,
                         "; SET lock_timeout = ", absl::ToInt64Milliseconds(options_.lock_timeout),
                         "; SET idle_in_transaction_session_timeout = ",
                         absl::ToInt64Milliseconds(options_.idle_in_transaction_timeout)));
  return connection;
}

void Pool::Return(std::unique_ptr<Connection> connection, bool broken) {
  if (broken) connection.reset();  // closing talks to the server: not under the mutex
  MutexLock lock(mutex_);
  --in_use_;
  if (connection) idle_.push_back(std::move(connection));
  returned_.NotifyOne();
}

void Pool::DropIdle() {
  std::vector<std::unique_ptr<Connection>> dead;
  MutexLock lock(mutex_);
  dead.swap(idle_);
}

absl::Status Pool::Ping() {
  absl::StatusOr<Lease> lease = Acquire(absl::Milliseconds(100));
  if (!lease.ok()) return absl::IsResourceExhausted(lease.status()) ? absl::OkStatus() : lease.status();
  try {
    lease->LimitStatements(absl::Seconds(1));
    pqxx::nontransaction(lease->connection()).exec("SELECT 1");
    return absl::OkStatus();
  } catch (const pqxx::pqxx_exception& e) {
    lease->Discard();
    DropIdle();
    return StatusFrom(e.base());
  }
}

int Pool::in_use() const {
  MutexLock lock(mutex_);
  return in_use_;
}

}  // namespace arasta::pg
