// Lists arrive in the database as they were.
#include "common/pg/array.h"

#include <string>
#include <vector>

#include "common/pg/transaction.h"
#include "gtest/gtest.h"
#include "tests/support/call.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"

namespace arasta::pg {
namespace {

using ::arasta::testing::IsOkAndHolds;

TEST(ArrayTest, KeepsWhateverTheStringsHold) {
  testing::TestDatabase db({});
  const std::vector<std::string> strings = {"",        "NULL",        "a,b",  "{x}",
                                            "quo\"te", "back\\slash", " sp ", "Ünï"};
  auto read_back = [&](pqxx::work& tx) -> absl::StatusOr<std::vector<std::string>> {
    std::vector<std::string> back;
    for (const pqxx::row& row : tx.exec_params("SELECT unnest($1::text[])", ToArray(strings))) {
      back.push_back(row[0].as<std::string>());
    }
    return back;
  };
  EXPECT_THAT(ReadOnly(db.pool(), testing::NobodyCall(), read_back), IsOkAndHolds(strings));
  EXPECT_EQ(ToArray(std::vector<int>{3, -1}), "{3,-1}");
  EXPECT_EQ(ToArray(std::vector<int>{}), "{}");
}

}  // namespace
}  // namespace arasta::pg
