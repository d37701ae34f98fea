// A bounded pool of PostgreSQL connections. A connection that broke is dropped, never revived: what its
// transaction did would be a guess.
#pragma once

#include <cstdint>
#include <memory>
#include <pqxx/connection>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace arasta::pg {

struct PoolOptions {
  // libpq's form, such as "host=/run/arasta dbname=arasta_order user=arasta_order".
  std::string conninfo;
  // As many as there are workers: one queue in front of the workers, none in here.
  int size = 8;
  // The most a transaction waits for a connection. Longer where the threads, as they mostly wait for
  // peers, outnumber the connections.
  absl::Duration acquire_wait = absl::Milliseconds(100);
  absl::Duration connect_timeout = absl::Seconds(2);
  // Session defaults of a serving role; a call's rest only lowers the first.
  absl::Duration statement_timeout = absl::Seconds(2);
  absl::Duration lock_timeout = absl::Milliseconds(250);
  absl::Duration idle_in_transaction_timeout = absl::Seconds(2);
};

struct Connection;
class Pool;

// The use of one connection until destruction. Movable, for one thread.
class Lease {
 public:
  Lease(Lease&&) noexcept;
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  pqxx::connection& connection();

  // Makes statements end after `limit`, rounded up to a power of two milliseconds so that a session
  // seldom has to be told.
  void LimitStatements(absl::Duration limit);

  // The connection may be in any state: it will be closed instead of returned.
  void Discard() { broken_ = true; }

 private:
  friend class Pool;
  Lease(Pool& pool, std::unique_ptr<Connection> connection);

  Pool* pool_;
  std::unique_ptr<Connection> connection_;
  bool broken_ = false;
};

// Thread-safe. Connects when first needed, so that a process starts without its database.
class Pool {
 public:
  explicit Pool(PoolOptions options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Waits at most `wait` for a free connection.
  // RESOURCE_EXHAUSTED: all are in use. UNAVAILABLE: the database can't be reached.
  absl::StatusOr<Lease> Acquire(absl::Duration wait);

  // Closes the idle connections: one of them was found dead, so a restart may have killed all.
  void DropIdle();

  // OK when the database answers, for readiness.
  absl::Status Ping();

  const PoolOptions& options() const { return options_; }
  int in_use() const;

 private:
  friend class Lease;
  std::unique_ptr<Connection> Connect();
  void Return(std::unique_ptr<Connection> connection, bool broken);

  const PoolOptions options_;
  mutable Mutex mutex_;
  CondVar returned_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
  int in_use_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace arasta::pg
