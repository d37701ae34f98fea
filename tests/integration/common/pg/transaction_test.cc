// What a caller is told when the database refuses, stalls, breaks or leaves a commit in doubt.
#include "common/pg/transaction.h"

#include <atomic>
#include <barrier>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "gtest/gtest.h"
#include "tests/support/call.h"
#include "tests/support/cutting_proxy.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"

namespace arasta::pg {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::NobodyCall;
using ::arasta::testing::StatusIs;
using ::testing::AllOf;
using ::testing::Not;

const std::vector<Migration>& Schema() {
  static const std::vector<Migration> schema = {{"0001_things", R"sql(
    CREATE TABLE things (name text PRIMARY KEY, count bigint NOT NULL DEFAULT 0 CHECK (count >= 0)))sql"}};
  return schema;
}

absl::Status Insert(pqxx::work& tx, const std::string& name) {
  tx.exec_params("INSERT INTO things (name) VALUES ($1)", name);
  return absl::OkStatus();
}

class TransactionTest : public ::testing::Test {
 protected:
  absl::Status Insert(Pool& pool, const std::string& name) {
    return InTransaction(pool, NobodyCall(), [&](pqxx::work& tx) { return pg::Insert(tx, name); });
  }
  int Count() { return db_.Value<int>("SELECT count(*) FROM things"); }

  testing::TestDatabase db_{Schema()};
};

TEST_F(TransactionTest, CommitsWhatSucceedsAndReturnsItsValue) {
  EXPECT_THAT(InTransaction(db_.pool(), NobodyCall(),
                            [](pqxx::work& tx) -> absl::StatusOr<int> {
                              tx.exec("INSERT INTO things (name) VALUES ('tea')");
                              return 7;
                            }),
              IsOkAndHolds(7));
  EXPECT_EQ(Count(), 1);
  EXPECT_EQ(db_.pool().in_use(), 0);
}

TEST_F(TransactionTest, RollsBackWhatReturnsAnError) {
  absl::Status status = InTransaction(db_.pool(), NobodyCall(), [](pqxx::work& tx) -> absl::Status {
    tx.exec("INSERT INTO things (name) VALUES ('tea')");
    return NotFound("things/tea");
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(Count(), 0);
}

TEST_F(TransactionTest, ReadOnlyKeepsNothing) {
  EXPECT_THAT(ReadOnly(db_.pool(), NobodyCall(), [](pqxx::work& tx) { return pg::Insert(tx, "tea"); }),
              IsOk());
  EXPECT_EQ(Count(), 0);
}

TEST_F(TransactionTest, ReadsAtOnceOutsideATransaction) {
  ASSERT_THAT(Insert(db_.pool(), "tea"), IsOk());
  auto read = [](pqxx::nontransaction& tx) -> absl::StatusOr<bool> {
    return tx.exec("SELECT now() = statement_timestamp() AND count(*) = 1 FROM things")[0][0].as<bool>();
  };
  EXPECT_THAT(ReadAtOnce(db_.pool(), NobodyCall(), read), IsOkAndHolds(true));
}

TEST_F(TransactionTest, NamesConflictsWithoutTheDatabasesWords) {
  ASSERT_THAT(Insert(db_.pool(), "secret@example.org"), IsOk());
  absl::Status status = Insert(db_.pool(), "secret@example.org");
  EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kAlreadyExists), HasReason("CONFLICT")));
  EXPECT_THAT(status.ToString(), Not(::testing::HasSubstr("secret")));

  status = InTransaction(db_.pool(), NobodyCall(), [](pqxx::work& tx) {
    tx.exec("UPDATE things SET count = -1");
    return absl::OkStatus();
  });
  EXPECT_THAT(status,
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("CONSTRAINT_VIOLATED")));

  status = InTransaction(db_.pool(), NobodyCall(), [](pqxx::work& tx) {
    tx.exec("SELECT no_such_column");
    return absl::OkStatus();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal, "internal error"));
}

TEST_F(TransactionTest, HasNoStatementCompiled) {
  EXPECT_THAT(InTransaction(db_.pool(), NobodyCall(),
                            [](pqxx::work& tx) -> absl::StatusOr<std::string> {
                              return tx.exec1("SHOW jit")[0].as<std::string>();
                            }),
              IsOkAndHolds("off"));
}

TEST_F(TransactionTest, RepeatsAfterADeadlock) {
  ASSERT_THAT(Insert(db_.pool(), "a"), IsOk());
  ASSERT_THAT(Insert(db_.pool(), "b"), IsOk());
  PoolOptions patient = db_.pool().options();
  patient.lock_timeout = absl::Seconds(5);
  patient.statement_timeout = absl::Seconds(5);
  Pool pool(patient);
  std::barrier both_hold_one(2);
  std::atomic<int> runs = 0;
  auto raise = [&](const std::string& first, const std::string& second) {
    bool first_run = true;
    return InTransaction(pool, NobodyCall(), [&](pqxx::work& tx) {
      ++runs;
      tx.exec_params("UPDATE things SET count = count + 1 WHERE name = $1", first);
      if (std::exchange(first_run, false)) both_hold_one.arrive_and_wait();
      tx.exec_params("UPDATE things SET count = count + 1 WHERE name = $1", second);
      return absl::OkStatus();
    });
  };
  {
    std::jthread other([&] { EXPECT_THAT(raise("b", "a"), IsOk()); });
    EXPECT_THAT(raise("a", "b"), IsOk());
  }
  // Three, or more where the repetition meets the other one again before it got on.
  EXPECT_GE(runs, 3);
  EXPECT_EQ(db_.Value<int>("SELECT sum(count) FROM things"), 4);
}

TEST_F(TransactionTest, StopsAStatementAtTheDeadline) {
  Call call = Call::Background("Test", absl::Now() + absl::Milliseconds(60));
  absl::Status status = InTransaction(db_.pool(), call, [](pqxx::work& tx) {
    tx.exec("SELECT pg_sleep(20)");
    return absl::OkStatus();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(Insert(db_.pool(), "tea"), IsOk());
}

TEST_F(TransactionTest, RefusesWhenAllConnectionsAreInUse) {
  PoolOptions small = db_.pool().options();
  small.size = 1;
  Pool pool(small);
  absl::StatusOr<Lease> held = pool.Acquire(absl::Seconds(1));
  ASSERT_THAT(held, IsOk());
  EXPECT_THAT(Insert(pool, "tea"),
              AllOf(StatusIs(absl::StatusCode::kResourceExhausted), HasReason("DATABASE_BUSY")));
}

TEST_F(TransactionTest, WorksOnAfterTheServerEndedEverySession) {
  std::vector<absl::StatusOr<Lease>> held;
  for (int i = 0; i < 8; ++i) held.push_back(db_.pool().Acquire(absl::Seconds(1)));
  held.clear();
  db_.KillSessions();
  EXPECT_THAT(Insert(db_.pool(), "tea"), IsOk());
  EXPECT_EQ(Count(), 1);
  EXPECT_EQ(db_.pool().in_use(), 0);
}

TEST_F(TransactionTest, IsUnavailableWhenTheSessionBreaksMidway) {
  absl::Status status = InTransaction(db_.pool(), NobodyCall(), [&](pqxx::work& tx) {
    pg::Insert(tx, "tea").IgnoreError();
    db_.KillSessions();
    return pg::Insert(tx, "coffee");
  });
  EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("DATABASE_UNAVAILABLE")));
  EXPECT_EQ(Count(), 0);
  EXPECT_EQ(db_.pool().in_use(), 0);
}

// What reads with one statement leaves nothing behind, however far it came.
TEST_F(TransactionTest, ReadsAgainWhereTheSessionBreaks) {
  int reads = 0;
  auto read = [&](pqxx::nontransaction& tx) -> absl::StatusOr<int> {
    if (++reads == 1) db_.KillSessions();
    return tx.exec("SELECT 7")[0][0].as<int>();
  };
  EXPECT_THAT(ReadAtOnce(db_.pool(), NobodyCall(), read), IsOkAndHolds(7));
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(db_.pool().in_use(), 0);
}

TEST_F(TransactionTest, IsUnavailableWithoutAServer) {
  Pool pool({.conninfo = "host=/nonexistent dbname=none"});
  EXPECT_THAT(Insert(pool, "tea"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(pool.Ping(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(pool.in_use(), 0);
}

// The proxy cuts the connection around COMMIT, as a crash of the server or the network would.
class InDoubtTest : public TransactionTest {
 protected:
  absl::Status InsertTea(testing::CuttingProxy::Cut cut, bool with_look_up) {
    testing::CuttingProxy proxy(testing::ClusterSocketDir() + "/.s.PGSQL.5432", "/.s.PGSQL.5432");
    PoolOptions options = db_.pool().options();
    options.conninfo += " host=" + proxy.dir();
    Pool pool(options);
    EXPECT_THAT(pool.Ping(), IsOk());
    proxy.CutOnceAt("COMMIT", cut);
    auto insert = [](pqxx::work& tx) { return pg::Insert(tx, "tea"); };
    if (!with_look_up) return InTransaction(pool, NobodyCall(), insert);
    return InTransaction(pool, NobodyCall(), insert, [](pqxx::work& tx) {
      return tx.exec("SELECT FROM things WHERE name = 'tea'").empty() ? NotFound("things/tea")
                                                                      : absl::OkStatus();
    });
  }
};

using Cut = testing::CuttingProxy::Cut;

TEST_F(InDoubtTest, SaysSoWhenNobodyCanLookItUp) {
  EXPECT_THAT(InsertTea(Cut::kAfterReply, false),
              AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("COMMIT_IN_DOUBT")));
  EXPECT_EQ(Count(), 1);
}

TEST_F(InDoubtTest, FindsTheCommitThatHappened) {
  EXPECT_THAT(InsertTea(Cut::kAfterReply, true), IsOk());
  EXPECT_EQ(Count(), 1);
}

TEST_F(InDoubtTest, DoesNotCallAnAbsentCommitAFailure) {
  EXPECT_THAT(InsertTea(Cut::kBeforeRequest, true),
              AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("COMMIT_IN_DOUBT")));
  EXPECT_EQ(Count(), 0);
}

}  // namespace
}  // namespace arasta::pg
