// One replica at a time, and a replica that slept writes nothing.
#include "common/jobs/lease.h"

#include <string>

#include "common/pg/transaction.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/call.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"

namespace arasta::jobs {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::NobodyCall;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LeaseTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<Lease>> Renew(Leases& leases,
                                           const std::vector<std::string>& names = {"sweep"}) {
    return leases.Renew(NobodyCall(), names);
  }
  absl::Status Fenced(const Lease& lease) {
    return pg::InTransaction(db_.pool(), NobodyCall(), [&](pqxx::work& tx) { return Fence(tx, lease); });
  }
  void LetAllRunOut() { db_.Query("UPDATE leases SET expire_time = now() - interval '1 s'"); }

  testing::TestDatabase db_{{LeaseMigration()}};
  Leases first_{db_.pool(), "first"};
  Leases second_{db_.pool(), "second"};
};

TEST_F(LeaseTest, IsHeldByOne) {
  EXPECT_THAT(Renew(first_), IsOkAndHolds(SizeIs(1)));
  EXPECT_THAT(Renew(second_), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Renew(first_), IsOkAndHolds(SizeIs(1)));
}

TEST_F(LeaseTest, IsTakenOverWhenItRanOutAndFencesTheFormerHolder) {
  auto before = Renew(first_);
  ASSERT_THAT(before, IsOkAndHolds(SizeIs(1)));
  LetAllRunOut();
  auto after = Renew(second_);
  ASSERT_THAT(after, IsOkAndHolds(SizeIs(1)));
  EXPECT_THAT(Fenced((*before)[0]), HasReason("LEASE_LOST"));
  EXPECT_THAT(Fenced((*after)[0]), IsOk());
}

TEST_F(LeaseTest, KeepsItsEpochWhenTheSameHolderRenewsLate) {
  auto before = Renew(first_);
  ASSERT_THAT(before, IsOkAndHolds(SizeIs(1)));
  LetAllRunOut();
  ASSERT_THAT(Renew(first_), IsOkAndHolds(SizeIs(1)));
  EXPECT_THAT(Fenced((*before)[0]), IsOk());
}

TEST_F(LeaseTest, IsFreeAtOnceWhenGivenBack) {
  auto before = Renew(first_, {"sweep", "report"});
  ASSERT_THAT(before, IsOkAndHolds(SizeIs(2)));
  ASSERT_THAT(first_.Release(NobodyCall()), IsOk());
  EXPECT_THAT(Renew(second_, {"report", "sweep"}), IsOkAndHolds(SizeIs(2)));
  EXPECT_THAT(Fenced((*before)[0]), HasReason("LEASE_LOST"));
}

}  // namespace
}  // namespace arasta::jobs
