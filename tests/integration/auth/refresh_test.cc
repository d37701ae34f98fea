// RefreshToken against real rows: rotation, grace, reuse, and everything at once.
#include <set>

#include "common/base/mutex.h"
#include "tests/integration/auth/auth_fixture.h"

namespace arasta::auth {
namespace {

using testing::IsOk;

class RefreshTest : public AuthFixture {};

TEST_F(RefreshTest, HandsOutTheNextTokensOfTheSession) {
  const v1::Tokens first = RegisteredUser("anna@example.com");
  clock_.Advance(absl::Minutes(5));
  const absl::StatusOr<v1::Tokens> second = Refresh(first.refresh_token());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->session(), first.session());
  EXPECT_EQ(second->principal(), first.principal());
  EXPECT_NE(second->refresh_token(), first.refresh_token());
  EXPECT_EQ(CallOf(*second).principal().name, first.principal());
  EXPECT_THAT(Refresh(second->refresh_token()), IsOk());
}

// 200 rounds, each with a token of its own. Eight threads, as there are eight connections: more would
// wait in front of the database.
TEST_F(RefreshTest, SixtyFourParallelUsesStepTheCounterOnce) {
  v1::Tokens tokens = RegisteredUser("anna@example.com");
  const int64_t start = CounterOf(tokens);
  for (int round = 1; round <= 200; ++round) {
    Mutex mutex;
    std::set<std::string> successors;
    int failures = 0;
    const auto use = [&](int) {
      for (int i = 0; i < 8; ++i) {
        absl::StatusOr<v1::Tokens> next = Refresh(tokens.refresh_token());
        // On a busy machine a lock may take longer than it is waited for; a client then repeats, as here.
        for (int again = 0; again < 20 && absl::IsUnavailable(next.status()); ++again)
          next = Refresh(tokens.refresh_token());
        MutexLock lock(mutex);
        next.ok() ? static_cast<void>(successors.insert(next->refresh_token()))
                  : static_cast<void>(++failures);
      }
    };
    AtOnce(8, use);
    ASSERT_EQ(failures, 0) << "round " << round;
    ASSERT_EQ(successors.size(), 1u) << "round " << round;
    ASSERT_EQ(CounterOf(tokens), start + round);
    tokens.set_refresh_token(*successors.begin());
    clock_.Advance(absl::Minutes(1));
  }
  EXPECT_EQ(Rows("sessions WHERE revoked_time IS NOT NULL"), 0);
}

TEST_F(RefreshTest, ReturnsTheSameSuccessorWithinTheGrace) {
  const v1::Tokens first = RegisteredUser("anna@example.com");
  const std::string successor = Refresh(first.refresh_token())->refresh_token();
  clock_.Advance(absl::Seconds(9));
  EXPECT_EQ(Refresh(first.refresh_token())->refresh_token(), successor);
  EXPECT_EQ(CounterOf(first), 2);
  EXPECT_THAT(Refresh(successor), IsOk());
}

TEST_F(RefreshTest, RevokesTheFamilyWhenATokenComesBackAfterTheGrace) {
  const v1::Tokens first = RegisteredUser("anna@example.com");
  const std::string successor = Refresh(first.refresh_token())->refresh_token();
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(Refresh(first.refresh_token()), IsInvalidRefreshToken());
  EXPECT_THAT(Refresh(successor), IsInvalidRefreshToken());
  EXPECT_EQ(Events("SessionRevoked"), 1);
  EXPECT_EQ(Rows("audit_events WHERE kind = 'session_revoked' AND detail = 'REASON_REFRESH_TOKEN_REUSED'"),
            1);
  // Using it again changes nothing more.
  EXPECT_THAT(Refresh(first.refresh_token()), IsInvalidRefreshToken());
  EXPECT_EQ(Events("SessionRevoked"), 1);
}

TEST_F(RefreshTest, RevokesTheFamilyOfAnOlderTokenAtOnce) {
  const v1::Tokens first = RegisteredUser("anna@example.com");
  const std::string second = Refresh(first.refresh_token())->refresh_token();
  const std::string third = Refresh(second)->refresh_token();
  EXPECT_THAT(Refresh(first.refresh_token()), IsInvalidRefreshToken());
  EXPECT_THAT(Refresh(third), IsInvalidRefreshToken());
}

TEST_F(RefreshTest, LeavesOtherSessionsOfTheUserAlone) {
  const v1::Tokens stolen = RegisteredUser("anna@example.com");
  const v1::Tokens other = *Login("anna@example.com");
  Refresh(Refresh(stolen.refresh_token())->refresh_token()).IgnoreError();
  EXPECT_THAT(Refresh(stolen.refresh_token()), IsInvalidRefreshToken());
  EXPECT_THAT(Refresh(other.refresh_token()), IsOk());
}

TEST_F(RefreshTest, ForgivesNothingWithoutGrace) {
  policy_.grace = absl::ZeroDuration();
  Restart();
  const v1::Tokens first = RegisteredUser("anna@example.com");
  EXPECT_THAT(Refresh(first.refresh_token()), IsOk());
  EXPECT_THAT(Refresh(first.refresh_token()), IsInvalidRefreshToken());
  EXPECT_EQ(Events("SessionRevoked"), 1);
}

TEST_F(RefreshTest, KeepsFiveRotationsInOneInstantInOrder) {
  const v1::Tokens first = RegisteredUser("anna@example.com");
  std::string token = first.refresh_token();
  for (int i = 0; i < 5; ++i) token = Refresh(token)->refresh_token();
  EXPECT_EQ(CounterOf(first), 6);
  EXPECT_THAT(Refresh(first.refresh_token()), IsInvalidRefreshToken());
  EXPECT_THAT(Refresh(token), IsInvalidRefreshToken());
}

TEST_F(RefreshTest, RemembersRotatedTokensAfterARestart) {
  const v1::Tokens first = RegisteredUser("anna@example.com");
  const std::string successor = Refresh(first.refresh_token())->refresh_token();
  Restart();
  clock_.Advance(absl::Seconds(11));
  EXPECT_THAT(Refresh(first.refresh_token()), IsInvalidRefreshToken());
  EXPECT_THAT(Refresh(successor), IsInvalidRefreshToken());
}

TEST_F(RefreshTest, EndsIdleAndOldSessions) {
  const v1::Tokens idle = RegisteredUser("anna@example.com");
  v1::Tokens used = *Login("anna@example.com");
  for (int week = 0; week < 4; ++week) {
    clock_.Advance(absl::Hours(7 * 24));
    used = *Refresh(used.refresh_token());
  }
  EXPECT_THAT(Refresh(idle.refresh_token()), IsInvalidRefreshToken());
  clock_.Advance(absl::Hours(2 * 24));
  EXPECT_THAT(Refresh(used.refresh_token()), IsInvalidRefreshToken());
  EXPECT_EQ(Events("SessionRevoked"), 0);
}

TEST_F(RefreshTest, RefusesForgedTokensWithoutTouchingTheDatabase) {
  const std::string good = RegisteredUser("anna@example.com").refresh_token();
  std::string flipped = good;
  flipped[30] = flipped[30] == 'A' ? 'B' : 'A';
  const std::string foreign = RefreshTokenCodec("another installation's key").Encode({Uuid::V4(), 1});
  const std::string before = database_.Query("SELECT s::text FROM sessions s")[0][0].as<std::string>();
  const int64_t audited = Rows("audit_events");
  for (const std::string& forged :
       {good.substr(0, 75), good + "A", flipped, foreign, std::string(1 << 20, 'A'), std::string("null"),
        std::string(76, '\xff')}) {
    EXPECT_THAT(Refresh(forged), IsInvalidRefreshToken());
  }
  // Well made, but of a session that this database has not.
  EXPECT_THAT(Refresh(replica_->refresh_tokens.Encode({Uuid::V4(), 1})), IsInvalidRefreshToken());
  EXPECT_EQ(database_.Query("SELECT s::text FROM sessions s")[0][0].as<std::string>(), before);
  EXPECT_EQ(Rows("audit_events"), audited);
  EXPECT_THAT(Refresh(good), IsOk());
}

TEST_F(RefreshTest, RefusesADisabledUser) {
  const v1::Tokens tokens = RegisteredUser("anna@example.com");
  database_.Query("UPDATE users SET disabled_time = now()");
  EXPECT_THAT(Refresh(tokens.refresh_token()), IsInvalidRefreshToken());
  EXPECT_THAT(Login("anna@example.com"), IsInvalidCredentials());
}

TEST_F(RefreshTest, CarriesTheRightsOfTheMoment) {
  const v1::Tokens tokens = RegisteredUser("anna@example.com");
  database_.Query("UPDATE users SET permissions = '{catalog.read,catalog.write}'");
  const v1::Tokens next = *Refresh(tokens.refresh_token());
  EXPECT_TRUE(CallOf(next).principal().Has("catalog.write"));
  database_.Query("UPDATE users SET permissions = '{}'");
  EXPECT_FALSE(CallOf(*Refresh(next.refresh_token())).principal().Has("catalog.write"));
}

TEST_F(RefreshTest, NothingWorksOnceLogoutHasReturned) {
  for (int round = 0; round < 50; ++round) {
    const v1::Tokens tokens = Guest();
    const Call call = CallOf(tokens);
    std::string newest = tokens.refresh_token();
    AtOnce(2, [&](int i) {
      if (i == 0) {
        EXPECT_THAT(service().Logout(call, v1::LogoutRequest()), IsOk());
      } else if (const absl::StatusOr<v1::Tokens> next = Refresh(tokens.refresh_token()); next.ok()) {
        newest = next->refresh_token();
      }
    });
    ASSERT_THAT(Refresh(newest), IsInvalidRefreshToken()) << "round " << round;
  }
}

}  // namespace
}  // namespace arasta::auth
