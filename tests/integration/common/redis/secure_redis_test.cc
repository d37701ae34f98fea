// Whom we believe to be our Redis, and what we are told where it does not let us in.
#include "tests/integration/common/redis/secure_redis.h"

#include <unistd.h>

#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/matchers.h"

namespace arasta::redis {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;
using ::arasta::testing::IsOkAndHolds;
using ::arasta::testing::StatusIs;
using ::testing::AllOf;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Time Soon() {
  return absl::Now() + absl::Seconds(5);
}

absl::Status Ping(const Options& options) {
  return Pool(options).Command(Soon(), {"PING"}).status();
}

class SecureRedisTest : public ::testing::Test {
 protected:
  SecureRedis server_;
};

TEST_F(SecureRedisTest, AnswersByNameAndByAddress) {
  EXPECT_THAT(Ping(server_.ByTls()), IsOk());
  EXPECT_THAT(Ping(server_.ByTls("127.0.0.1")), IsOk());
}

TEST_F(SecureRedisTest, IsNotBelievedWithoutACertificateForItsName) {
  EXPECT_THAT(Ping(server_.ByTls("127.0.0.2")),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("IP address mismatch")));
}

TEST_F(SecureRedisTest, IsNotBelievedWithACertificateOfSomebodyElses) {
  Options options = server_.ByTls();
  const testing::CertificateAuthority other;
  for (const std::string& authorities : {std::string(), other.CaPath()}) {
    options.authorities = authorities;
    EXPECT_THAT(Ping(options), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("certificate is refused")));
  }
  options.authorities = "/nowhere/ca.crt";
  EXPECT_THAT(Ping(options), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/nowhere/ca.crt")));
}

TEST_F(SecureRedisTest, TellsThatAPasswordIsWrongAndNotWhich) {
  Options options = server_.ByTls();
  options.password = "simsim";
  const absl::Status status = Ping(options);
  EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("REDIS_ACCESS_DENIED")));
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("WRONGPASS"), Not(HasSubstr("simsim"))));
  options.password = "";
  EXPECT_THAT(Ping(options), HasReason("REDIS_ACCESS_DENIED"));
}

TEST_F(SecureRedisTest, LetsUsersInByTheirOwnPasswordsForWhatIsTheirs) {
  Pool admin(server_.ByTls());
  ASSERT_THAT(admin.Command(Soon(), {"ACL", "SETUSER", "order", "on", ">open", "+ping"}), IsOk());
  Options options = server_.ByTls();
  options.user = "order";
  options.password = "open";
  Pool pool(options);
  EXPECT_THAT(pool.Command(Soon(), {"PING"}), IsOk());
  EXPECT_THAT(pool.Command(Soon(), {"GET", "k"}), HasReason("REDIS_ACCESS_DENIED"));
}

// What TLS 1.3 sends after its handshake is no sign of an end.
TEST_F(SecureRedisTest, IsAskedOverOneConnection) {
  Pool pool(server_.ByTls());
  const absl::StatusOr<Reply> first = pool.Command(Soon(), {"CLIENT", "ID"});
  ASSERT_THAT(first, IsOk());
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(pool.Command(Soon(), {"CLIENT", "ID"}), IsOkAndHolds(Field(&Reply::integer, first->integer)));
  }
}

TEST(SilentRedisTest, IsGivenUpOn) {
  const testing::LoopbackListener listener = testing::ListenOnLoopback();
  const absl::Time begin = absl::Now();
  EXPECT_THAT(Ping({.address = absl::StrCat("rediss://127.0.0.1:", listener.port),
                    .connect_timeout = absl::Milliseconds(50)}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("in time")));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(3));
  close(listener.fd);
}

}  // namespace
}  // namespace arasta::redis
