#include "tests/support/postgres.h"

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/hash.h"
#include "tests/support/child_process.h"

namespace arasta::testing {
namespace {

constexpr char kOwner[] = "arasta_test_owner";
constexpr char kServing[] = "arasta_test";

std::string BinDir() {
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
    newest = std::max(newest, entry.path().string());
  }
  if (newest.empty()) throw std::runtime_error("no PostgreSQL; install postgresql-15");
  return newest + "/bin/";
}

class Cluster {
 public:
  static Cluster& Get() {
    static Cluster cluster;
    return cluster;
  }

  const std::string& dir() const { return dir_.path(); }

  std::string Conninfo(const std::string& user, const std::string& database) const {
    return absl::StrCat("host=", dir_.path(), " user=", user, " dbname=", database);
  }

  pqxx::result Admin(const std::string& sql) {
    pqxx::connection connection(Conninfo("postgres", "postgres"));
    return pqxx::nontransaction(connection).exec(sql);
  }

  // The name of a database that has `migrations`; made once.
  std::string Template(const std::vector<pg::Migration>& migrations) {
    std::string text;
    for (const pg::Migration& migration : migrations)
      absl::StrAppend(&text, migration.name, "\n", migration.sql);
    std::string& name = templates_[text];
    if (!name.empty()) return name;
    const std::string candidate = absl::StrCat("template_", templates_.size());
    Admin(absl::StrCat("CREATE DATABASE ", candidate, " OWNER ", kOwner));
    absl::Status status = pg::Migrate(Conninfo(kOwner, candidate), migrations);
    if (!status.ok()) throw std::runtime_error(status.ToString());
    return name = candidate;
  }

  std::string CreateDatabase(const std::vector<pg::Migration>& migrations) {
    const std::string name = absl::StrCat("test_", ++databases_);
    Admin(absl::StrCat("CREATE DATABASE ", name, " TEMPLATE ", Template(migrations), " OWNER ", kOwner));
    return name;
  }

 private:
  Cluster() : dir_("arasta-pg-") {
    const std::string log = dir_.path() + "/log", data = dir_.path() + "/data";
    ChildProcess initdb({BinDir() + "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                         "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                        ServerUser(), log, SIGKILL);
    if (initdb.Wait() != 0) Fail(log);
    // Nothing here outlives the test, so nothing needs to reach the disk. SIGQUIT is an immediate
    // shutdown: a fast one would write a checkpoint of every test's database first.
    server_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{BinDir() + "postgres", "-D", data, "-c", "listen_addresses=", "-c",
                                 "unix_socket_directories=" + dir_.path(), "-c", "fsync=off", "-c",
                                 "synchronous_commit=off", "-c", "full_page_writes=off", "-c",
                                 "max_connections=200", "-c", "shared_buffers=32MB"},
        ServerUser(), log, SIGQUIT);
    AwaitStart(log);
    Admin(absl::StrCat("CREATE ROLE ", kOwner, " LOGIN; CREATE ROLE ", kServing, " LOGIN"));
  }

  void AwaitStart(const std::string& log) {
    try {
      server_->AwaitReady();
    } catch (const std::runtime_error&) {
      Fail(log);
    }
  }

  [[noreturn]] void Fail(const std::string& log) {
    std::cerr << std::ifstream(log).rdbuf();
    throw std::runtime_error("PostgreSQL did not start");
  }

  TempDir dir_;
  std::unique_ptr<ChildProcess> server_;
  std::map<std::string, std::string> templates_;
  int databases_ = 0;
};

}  // namespace

const std::string& ClusterSocketDir() {
  return Cluster::Get().dir();
}

TestDatabase::TestDatabase(const std::vector<pg::Migration>& migrations)
    : name_(Cluster::Get().CreateDatabase(migrations)),
      conninfo_(Cluster::Get().Conninfo(kServing, name_)),
      owner_conninfo_(Cluster::Get().Conninfo(kOwner, name_)),
      pool_(std::make_unique<pg::Pool>(pg::PoolOptions{.conninfo = conninfo_})) {}

pqxx::result TestDatabase::Query(const std::string& sql) {
  pqxx::connection connection(Cluster::Get().Conninfo("postgres", name_));
  pqxx::work tx(connection);
  pqxx::result result = tx.exec(sql);
  tx.commit();
  return result;
}

void TestDatabase::KillSessions() {
  Query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
      "WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

}  // namespace arasta::testing
