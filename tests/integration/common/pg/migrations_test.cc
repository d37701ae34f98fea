// Migrations are applied once, in order, never changed afterwards, and leave the serving role its rights.
#include "common/pg/migrations.h"

#include <pqxx/pqxx>
#include <thread>
#include <vector>

#include "common/pg/schema.h"
#include "gtest/gtest.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"

namespace arasta::pg {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::StatusIs;
using ::arasta::testing::TestDatabase;
using ::testing::AllOf;
using ::testing::HasSubstr;

const Migration kTeas{"0001_teas", "CREATE TABLE teas (name text PRIMARY KEY)"};
const Migration kFirstTea{"0002_first_tea", "INSERT INTO teas VALUES ('assam')"};

class MigrationsTest : public ::testing::Test {
 protected:
  absl::Status Migrate(const std::vector<Migration>& migrations) {
    return pg::Migrate(db_.owner_conninfo(), migrations);
  }

  // As the serving role.
  void Exec(const std::string& sql) {
    pqxx::connection connection(db_.conninfo());
    pqxx::nontransaction(connection).exec(sql);
  }

  TestDatabase db_{{}};
};

TEST_F(MigrationsTest, AppliesEachOnce) {
  ASSERT_THAT(Migrate({kTeas}), IsOk());
  ASSERT_THAT(Migrate({kTeas, kFirstTea}), IsOk());
  ASSERT_THAT(Migrate({kTeas, kFirstTea}), IsOk());
  EXPECT_EQ(db_.Value<int>("SELECT count(*) FROM teas"), 1);
}

TEST_F(MigrationsTest, AppliesEachOnceWhenReplicasStartTogether) {
  {
    std::vector<std::jthread> replicas;
    for (int i = 0; i < 4; ++i) {
      replicas.emplace_back([&] { EXPECT_THAT(Migrate({kTeas, kFirstTea}), IsOk()); });
    }
  }
  EXPECT_EQ(db_.Value<int>("SELECT count(*) FROM teas"), 1);
}

// A process that is rolled out before its migrations must not take the place of one that serves.
TEST_F(MigrationsTest, ASchemaIsNamedWhatItLacks) {
  Pool pool({.conninfo = db_.conninfo(), .size = 1});
  Schema schema(pool, {kTeas, kFirstTea});
  const auto lacks = [&](const std::string& name) {
    return StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(name + " has not been applied"));
  };
  EXPECT_THAT(schema.Check(), lacks("0001_teas"));
  ASSERT_THAT(Migrate({kTeas}), IsOk());
  EXPECT_THAT(schema.Check(), lacks("0002_first_tea"));
  ASSERT_THAT(Migrate({kTeas, kFirstTea}), IsOk());
  EXPECT_THAT(schema.Check(), IsOk());
  EXPECT_THAT(Schema(pool, {kTeas}).Check(), IsOk()) << "an older program";
}

TEST_F(MigrationsTest, RefusesOneThatWasChangedAfterwards) {
  ASSERT_THAT(Migrate({kTeas}), IsOk());
  absl::Status status = Migrate({{kTeas.name, "CREATE TABLE teas (name text)"}});
  EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0001_teas")),
                            HasReason("MIGRATION_CHANGED")));
}

TEST_F(MigrationsTest, LeavesNothingOfOneThatFails) {
  absl::Status status = Migrate({kTeas, {"0002_wrong", "CREATE TABLE half (id int); SELECT no_such_column"}});
  EXPECT_THAT(status.ToString(), HasSubstr("0002_wrong"));
  EXPECT_EQ(db_.Value<int>("SELECT count(*) FROM schema_migrations"), 1);
  EXPECT_TRUE(db_.Value<bool>("SELECT to_regclass('half') IS NULL"));
}

TEST_F(MigrationsTest, GivesTheServingRoleTheTablesButNotTheSchema) {
  ASSERT_THAT(Migrate({kTeas}), IsOk());
  Exec("INSERT INTO teas VALUES ('darjeeling')");
  EXPECT_THROW(Exec("DROP TABLE teas"), pqxx::insufficient_privilege);
  EXPECT_THROW(Exec("CREATE TABLE coffees (name text)"), pqxx::insufficient_privilege);
  EXPECT_THROW(Exec("DELETE FROM schema_migrations"), pqxx::insufficient_privilege);
}

}  // namespace
}  // namespace arasta::pg
