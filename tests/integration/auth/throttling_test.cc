// Guessing passwords: how far one gets, with Redis and without.
#include <atomic>

#include "tests/integration/auth/auth_fixture.h"

namespace arasta::auth {
namespace {

using testing::HasReason;
using testing::IsOk;

class ThrottlingTest : public AuthFixture {
 protected:
  // What reached a password: each such failure leaves a row.
  int64_t Guesses() { return Rows("audit_events WHERE kind = 'login_failed'"); }

  absl::Status LoginFrom(const std::string& forwarded_for, const std::string& email,
                         const std::string& password) {
    v1::LoginRequest request;
    request.set_email(email);
    request.set_password(password);
    const Call call(Call::Options{.peer = "gateway",
                                  .deadline = absl::Now() + absl::Seconds(10),
                                  .metadata = {{"x-forwarded-for", forwarded_for}}});
    return service().Login(call, request).status();
  }
};

TEST_F(ThrottlingTest, FiveOf500ParallelWrongGuessesReachTheHash) {
  RegisteredUser("anna@example.com");
  AtOnce(8, [&](int) {
    for (int i = 0; i < 63; ++i)
      EXPECT_THAT(Login("anna@example.com", "wrong password"), IsInvalidCredentials());
  });
  EXPECT_EQ(Guesses(), 5);
  // Locked answers as wrong does, even to the right password.
  EXPECT_THAT(Login("anna@example.com"), IsInvalidCredentials());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Login("anna@example.com"), IsOk());
}

TEST_F(ThrottlingTest, TwentyParallelCorrectLoginsAllSucceed) {
  RegisteredUser("anna@example.com");
  std::atomic<int> succeeded = 0;
  AtOnce(20, [&](int) { succeeded += LoginFrom("198.51.100.7", "anna@example.com", kPassword).ok(); });
  EXPECT_EQ(succeeded, 20);
}

TEST_F(ThrottlingTest, SpellingsOfOneAddressShareACounterKnownOrNot) {
  for (const char* email : {"anna@example.com", "ANNA@EXAMPLE.COM", " anna@example.com", "Anna@Example.Com",
                            "ａｎｎａ@example.com", "aNNa@example.com", "anna@EXAMPLE.com"}) {
    EXPECT_THAT(Login(email, "wrong password"), IsInvalidCredentials());
  }
  EXPECT_EQ(Guesses(), 5);
}

TEST_F(ThrottlingTest, OneNetworkGuessingAtManyAccountsIsLockedAndOthersAreNot) {
  RegisteredUser("anna@example.com");
  for (int i = 0; i < 40; ++i) {
    LoginFrom(absl::StrCat("junk", i, ", 198.51.100.7"), absl::StrCat("user", i, "@example.com"), "guess")
        .IgnoreError();
  }
  EXPECT_EQ(Guesses(), 20);
  EXPECT_THAT(LoginFrom("198.51.100.7", "anna@example.com", kPassword), IsInvalidCredentials());
  EXPECT_THAT(LoginFrom("198.51.100.8", "anna@example.com", kPassword), IsOk());
}

TEST_F(ThrottlingTest, IsStricterAndNeverAbsentWithoutRedis) {
  RegisteredUser("anna@example.com");
  redis_server_.Kill();
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(Login("anna@example.com", "wrong password"), IsInvalidCredentials());
  }
  EXPECT_EQ(Guesses(), 1);
  clock_.Advance(absl::Seconds(4));
  EXPECT_THAT(Login("anna@example.com"), IsOk());
}

TEST_F(ThrottlingTest, RegisteringOneAddressAgainAndAgainIsRefusedKnownOrNot) {
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Register("anna@example.com"), IsOk());
  const absl::Status status = Register("ANNA@example.com");
  EXPECT_THAT(status, HasReason("TOO_MANY_ATTEMPTS"));
  EXPECT_EQ(RetryAfterOf(status), absl::Minutes(15));
  EXPECT_EQ(Events("RegistrationRepeated"), 2);
  EXPECT_THAT(Register("other@example.com"), IsOk());
  clock_.Advance(absl::Minutes(15));
  EXPECT_THAT(Register("anna@example.com"), IsOk());
}

}  // namespace
}  // namespace arasta::auth
