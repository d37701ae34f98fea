// Guests, registration, login, keys, contacts.
#include "services/auth/wire.h"
#include "tests/integration/auth/auth_fixture.h"
#include "tests/support/cutting_proxy.h"

namespace arasta::auth {
namespace {

using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;

class AccountTest : public AuthFixture {};

TEST_F(AccountTest, RegisterThenLoginIsTheTrip) {
  const v1::Tokens tokens = RegisteredUser("Anna@Example.com");
  const Call call = CallOf(tokens);
  EXPECT_EQ(call.principal().kind, Principal::Kind::kUser);
  EXPECT_EQ(call.principal().session, tokens.session());
  EXPECT_EQ(tokens.access_expire_time().seconds(), absl::ToUnixSeconds(clock_.Now() + absl::Minutes(10)));

  const absl::StatusOr<v1::Me> me = service().GetMe(call, v1::GetMeRequest());
  ASSERT_THAT(me, IsOk());
  EXPECT_EQ(me->name(), tokens.principal());
  EXPECT_EQ(me->user().email(), "Anna@Example.com");
  EXPECT_EQ(me->user().locale(), "en");
  EXPECT_EQ(Events("UserRegistered"), 1);
}

TEST_F(AccountTest, EverySpellingOfTheAddressLogsIn) {
  const std::string name = RegisteredUser("anna@example.com").principal();
  for (const char* spelling : {"ANNA@EXAMPLE.COM", " anna@example.com", "ａｎｎａ@example.com"}) {
    const absl::StatusOr<v1::Tokens> tokens = Login(spelling);
    ASSERT_THAT(tokens, IsOk()) << spelling;
    EXPECT_EQ(tokens->principal(), name);
  }
}

TEST_F(AccountTest, RegisteringATakenAddressAnswersAlikeAndTellsItsOwner) {
  const std::string owner = RegisteredUser("anna@example.com").principal();
  const int64_t audited = Rows("audit_events");
  EXPECT_THAT(Register("ANNA@example.com", "an attacker's own words"), IsOk());
  EXPECT_EQ(Rows("users"), 1);
  EXPECT_EQ(Events("UserRegistered"), 1);
  EXPECT_EQ(Events("RegistrationRepeated"), 1);
  EXPECT_EQ(Rows("audit_events"), audited + 1);
  EXPECT_THAT(Login("anna@example.com", "an attacker's own words"), IsInvalidCredentials());
  EXPECT_EQ(Login("anna@example.com")->principal(), owner);
}

TEST_F(AccountTest, ParallelRegistrationsOfOneAddressMakeOneAccount) {
  AtOnce(3, [&](int) { EXPECT_THAT(Register("anna@example.com"), IsOk()); });
  EXPECT_EQ(Rows("users"), 1);
  EXPECT_EQ(Events("UserRegistered"), 1);
  EXPECT_EQ(Events("RegistrationRepeated"), 2);
}

TEST_F(AccountTest, RegisterNamesTheFieldItRefuses) {
  EXPECT_THAT(Register("not an address"), HasReason("INVALID_EMAIL"));
  EXPECT_THAT(Register("anna@example.com", "short"), HasReason("PASSWORD_TOO_SHORT"));
  EXPECT_THAT(Register("anna@example.com", "password"), HasReason("PASSWORD_TOO_GUESSABLE"));
  EXPECT_THAT(Register("anna@example.com", std::string(1025, 'x')), HasReason("PASSWORD_TOO_LONG"));
  EXPECT_EQ(Rows("users"), 0);
}

TEST_F(AccountTest, FailedLoginsDoNotTellWhy) {
  RegisteredUser("anna@example.com");
  RegisteredUser("disabled@example.com");
  database_.Query("UPDATE users SET disabled_time = now() WHERE email_key = 'disabled@example.com'");
  const absl::Status wrong = Login("anna@example.com", "wrong password").status();
  EXPECT_THAT(wrong, IsInvalidCredentials());
  for (const char* email : {"nobody@example.com", "disabled@example.com"}) {
    const absl::Status status = Login(email, kPassword).status();
    EXPECT_EQ(status, wrong) << email;  // Compares the payloads too.
  }
  EXPECT_THAT(Login("anna@example.com", std::string(1025, 'x')), HasReason("PASSWORD_TOO_LONG"));
  EXPECT_EQ(Rows("audit_events WHERE kind = 'login_failed'"), 3);
  EXPECT_EQ(Rows("audit_events WHERE subject LIKE '%nobody%'"), 0);
}

TEST_F(AccountTest, StrongerParametersRehashAtTheNextLogin) {
  RegisteredUser("anna@example.com");
  Restart(HashParameters{16, 2});
  EXPECT_THAT(Login("anna@example.com", "wrong password"), IsInvalidCredentials());
  EXPECT_EQ(Rows("users WHERE password_hash LIKE '%m=16,t=2%'"), 0);
  EXPECT_THAT(Login("anna@example.com"), IsOk());
  EXPECT_EQ(Rows("users WHERE password_hash LIKE '%m=16,t=2%'"), 1);
  EXPECT_THAT(Login("anna@example.com"), IsOk());
  EXPECT_EQ(Rows("audit_events WHERE kind = 'password_rehashed'"), 1);
}

TEST_F(AccountTest, AGuestKeepsItsNameInTheUsersTokens) {
  const v1::Tokens guest = Guest();
  EXPECT_EQ(CallOf(guest).principal().kind, Principal::Kind::kGuest);
  EXPECT_EQ(service().GetMe(CallOf(guest), v1::GetMeRequest())->name(), guest.principal());

  ASSERT_THAT(Register("anna@example.com"), IsOk());
  const v1::Tokens user = *Login("anna@example.com", kPassword, guest.access_token());
  EXPECT_EQ(CallOf(user).principal().guest, guest.principal());
  EXPECT_EQ(CallOf(*Refresh(user.refresh_token())).principal().guest, guest.principal());
}

TEST_F(AccountTest, OnlyAGuestsOwnTokenNamesIt) {
  const v1::Tokens user = RegisteredUser("anna@example.com");
  EXPECT_THAT(Login("anna@example.com", kPassword, user.access_token()), HasReason("INVALID_GUEST_TOKEN"));
  EXPECT_THAT(Login("anna@example.com", kPassword, "junk"), HasReason("INVALID_GUEST_TOKEN"));
  const std::string stale = Guest().access_token();
  clock_.Advance(absl::Minutes(11));
  EXPECT_THAT(Login("anna@example.com", kPassword, stale), HasReason("INVALID_GUEST_TOKEN"));
}

TEST_F(AccountTest, LogoutEndsTheSessionOnce) {
  const v1::Tokens tokens = RegisteredUser("anna@example.com");
  const Call call = CallOf(tokens);
  EXPECT_THAT(service().Logout(call, v1::LogoutRequest()), IsOk());
  EXPECT_THAT(service().Logout(call, v1::LogoutRequest()), IsOk());
  EXPECT_EQ(Events("SessionRevoked"), 1);
  EXPECT_THAT(Refresh(tokens.refresh_token()), IsInvalidRefreshToken());
}

TEST_F(AccountTest, WakesTheRelayForEveryEvent) {
  auto expect_wakes = [&](int count) {
    EXPECT_EQ(Rows("outbox"), count);
    EXPECT_EQ(replica_->wakes, count);
  };
  const v1::Tokens first = RegisteredUser("anna@example.com");
  expect_wakes(1);
  const v1::Tokens second = *Login("anna@example.com");
  const v1::Tokens third = *Login("anna@example.com");
  const v1::Tokens fourth = *Login("anna@example.com");
  EXPECT_THAT(service().Logout(CallOf(first), v1::LogoutRequest()), IsOk());
  expect_wakes(2);
  EXPECT_THAT(Refresh(second.refresh_token()), IsOk());
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(Refresh(second.refresh_token()), IsInvalidRefreshToken());
  expect_wakes(3);
  v1::RevokeSessionRequest request;
  request.set_name(third.session());
  EXPECT_THAT(service().RevokeSession(CallOf(fourth), request), IsOk());
  expect_wakes(4);
  const v1::Tokens fifth = *Login("anna@example.com");
  EXPECT_THAT(service().RevokeOtherSessions(CallOf(fifth), v1::RevokeOtherSessionsRequest()), IsOk());
  expect_wakes(5);
}

TEST_F(AccountTest, GetContactSaysWhereMailGoes) {
  const v1::Tokens tokens = RegisteredUser("Anna@Example.com");
  v1::GetContactRequest request;
  request.set_name(tokens.principal());
  const absl::StatusOr<v1::Contact> contact =
      service().GetContact(testing::PeerCall("notification"), request);
  ASSERT_THAT(contact, IsOk());
  EXPECT_EQ(contact->email(), "Anna@Example.com");
  EXPECT_EQ(contact->locale(), "en");
  request.set_name("users/00000000-0000-4000-8000-000000000000");
  EXPECT_THAT(service().GetContact(testing::PeerCall("notification"), request),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(AccountTest, TheAuditLogIsAppendOnly) {
  RegisteredUser("anna@example.com");
  pqxx::connection serving(database_.conninfo());
  for (const char* change :
       {"UPDATE audit_events SET kind = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events"}) {
    pqxx::work tx(serving);
    EXPECT_THROW(tx.exec(change), pqxx::insufficient_privilege) << change;
  }
}

TEST_F(AccountTest, RegisteringFindsTheAccountWhoseCommitWasInDoubt) {
  testing::CuttingProxy proxy(testing::ClusterSocketDir() + "/.s.PGSQL.5432", "/.s.PGSQL.5432");
  pg::PoolOptions options = database_.pool().options();
  options.conninfo += " host=" + proxy.dir();
  pg::Pool pool(options);
  ASSERT_THAT(pool.Ping(), IsOk());
  proxy.CutOnceAt("COMMIT", testing::CuttingProxy::Cut::kAfterReply);
  UserStore users(pool, clock_);
  const NewUser anna = {*ParseEmailAddress("anna@example.com"), "", "en", *replica_->hasher.Hash(kPassword)};
  EXPECT_THAT(users.Register(testing::NobodyCall(), anna), IsOk());
  EXPECT_EQ(Events("UserRegistered"), 1);
  EXPECT_EQ(Events("RegistrationRepeated"), 0);
}

TEST_F(AccountTest, NothingIsAuditedOrSentWhenTheChangeFails) {
  database_.Query("ALTER TABLE audit_events ADD CONSTRAINT refuse CHECK (kind <> 'user_registered')");
  EXPECT_FALSE(Register("anna@example.com").ok());
  EXPECT_EQ(Rows("users"), 0);
  EXPECT_EQ(Rows("outbox"), 0);
}

}  // namespace
}  // namespace arasta::auth
