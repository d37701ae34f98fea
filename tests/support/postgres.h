// A PostgreSQL of a test binary's own: one private cluster, started at first need, on a Unix socket
// only; a database a test, copied from a template that was migrated once.
#pragma once

#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "common/pg/migrations.h"
#include "common/pg/pool.h"

namespace arasta::testing {

// The cluster's roles are as in production: the migrating role arasta_test_owner owns the database, the
// serving role arasta_test has what migrations grant it.
class TestDatabase {
 public:
  explicit TestDatabase(const std::vector<pg::Migration>& migrations);

  // The serving role's.
  const std::string& conninfo() const { return conninfo_; }
  // The migrating role's.
  const std::string& owner_conninfo() const { return owner_conninfo_; }
  // Of the serving role, eight connections.
  pg::Pool& pool() { return *pool_; }

  // Runs statements as superuser in a transaction of their own: to arrange and to look behind the code.
  pqxx::result Query(const std::string& sql);
  // The single value of a query, as in Value<int>("SELECT count(*) FROM outbox").
  template <class T>
  T Value(const std::string& sql) {
    return Query(sql).at(0).at(0).as<T>();
  }
  // Ends every session of this database but ours, as a crash of the server would.
  void KillSessions();

 private:
  std::string name_;
  std::string conninfo_;
  std::string owner_conninfo_;
  std::unique_ptr<pg::Pool> pool_;
};

// The folder of the cluster's socket, ".s.PGSQL.5432", for proxies in between.
const std::string& ClusterSocketDir();

}  // namespace arasta::testing
