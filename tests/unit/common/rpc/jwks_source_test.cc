#include "common/rpc/jwks_source.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/matchers.h"

namespace arasta::rpc {
namespace {

using ::arasta::testing::HasReason;
using ::arasta::testing::IsOk;

class JwksSourceTest : public ::testing::Test {
 protected:
  FakeClock clock_;
  int fetches_ = 0;
  bool auth_is_up_ = true;
  auth::TokenVerifier verifier_{"arasta"};
  JwksSource source_{[this]() -> absl::StatusOr<auth::KeySet> {
                       ++fetches_;
                       if (!auth_is_up_) return absl::UnavailableError("auth is away");
                       return auth::KeySet();
                     },
                     verifier_, clock_};
};

TEST_F(JwksSourceTest, FetchesAtMostOnceInThirtySeconds) {
  for (int i = 0; i < 10; ++i) EXPECT_THAT(source_.Refresh(), IsOk());
  EXPECT_EQ(fetches_, 1);
  clock_.Advance(absl::Seconds(29));
  EXPECT_THAT(source_.Refresh(), IsOk());
  EXPECT_EQ(fetches_, 1);
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(source_.Refresh(), IsOk());
  EXPECT_EQ(fetches_, 2);
}

TEST_F(JwksSourceTest, TriesAgainSoonAfterAFailure) {
  auth_is_up_ = false;
  for (int i = 0; i < 10; ++i) EXPECT_THAT(source_.Refresh(), HasReason("TOKEN_KEYS_UNAVAILABLE"));
  EXPECT_EQ(fetches_, 1);
  auth_is_up_ = true;
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(source_.Refresh(), IsOk());
  EXPECT_EQ(fetches_, 2);
}

TEST_F(JwksSourceTest, IsReadyFromTheFirstSuccessOn) {
  EXPECT_THAT(source_.Ready(), HasReason("TOKEN_KEYS_UNAVAILABLE"));
  EXPECT_THAT(source_.Refresh(), IsOk());
  EXPECT_THAT(source_.Ready(), IsOk());
  auth_is_up_ = false;
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(source_.Refresh(), HasReason("TOKEN_KEYS_UNAVAILABLE"));
  EXPECT_THAT(source_.Ready(), IsOk()) << "the keys it has still serve";
}

}  // namespace
}  // namespace arasta::rpc
