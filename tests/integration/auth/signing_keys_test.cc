// The rotation of signing keys, replicas and restarts included.
#include "services/auth/wire.h"
#include "tests/integration/auth/auth_fixture.h"

namespace arasta::auth {
namespace {

using testing::IsOk;

class SigningKeysTest : public AuthFixture {
 protected:
  void Advance(absl::Duration duration) {
    clock_.Advance(duration);
    ASSERT_THAT(replica_->keys.Refresh(testing::NobodyCall()), IsOk());
  }
  std::string Signer() { return (*replica_->keys.Current())->key().id(); }
  size_t Published() { return replica_->keys.Published().keys().size(); }
};

TEST_F(SigningKeysTest, ReplicasAndRestartsShareOneKey) {
  const std::string first = Signer();
  const Replica other(database_, redis_, clock_, policy_);
  EXPECT_EQ((*other.keys.Current())->key().id(), first);
  Restart();
  EXPECT_EQ(Signer(), first);
  EXPECT_EQ(Rows("signing_keys"), 1);
  EXPECT_EQ(Rows("audit_events WHERE kind = 'signing_key_created'"), 1);
}

TEST_F(SigningKeysTest, PublishesTheNextKeyBeforeItSignsAndTheOldOneUntilItsTokensAreDead) {
  const std::string first = Signer();
  Advance(absl::Hours(29 * 24));
  EXPECT_EQ(Published(), 2u);
  EXPECT_EQ(Signer(), first);

  Advance(absl::Hours(24) - absl::Seconds(1));
  const std::string last_of_first = Guest().access_token();
  Advance(absl::Seconds(1));
  const std::string second = Signer();
  EXPECT_NE(second, first);
  EXPECT_EQ(Published(), 2u);
  EXPECT_THAT(replica_->verifier.Verify(last_of_first, clock_.Now()), IsOk());
  EXPECT_THAT(replica_->verifier.Verify(Guest().access_token(), clock_.Now()), IsOk());

  Advance(absl::Minutes(11));
  EXPECT_EQ(Published(), 1u);
  Advance(absl::Seconds(1));
  EXPECT_EQ(Rows("signing_keys"), 1);
  EXPECT_EQ(Signer(), second);
}

TEST_F(SigningKeysTest, GetJwksIsAJwkSet) {
  const v1::Jwks jwks = **service().GetJwks(testing::NobodyCall(), v1::GetJwksRequest());
  ASSERT_EQ(jwks.keys_size(), 1);
  EXPECT_EQ(jwks.keys(0).kid(), Signer());
  EXPECT_EQ(jwks.keys(0).kty(), "EC");
  EXPECT_EQ(jwks.keys(0).alg(), "ES256");
  EXPECT_EQ(jwks.keys(0).x().size(), 43u);
}

TEST_F(SigningKeysTest, TheWrongMasterKeyOpensNothing) {
  SigningKeys foreign(replica_->key_store, SecretBox(DeriveKey("another key", "signing-keys")), kIssuer,
                      KeyPolicy(), clock_, [](KeySet) {});
  EXPECT_EQ(foreign.Refresh(testing::NobodyCall()).code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(foreign.Current().ok());
}

}  // namespace
}  // namespace arasta::auth
