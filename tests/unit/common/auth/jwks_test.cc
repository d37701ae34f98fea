#include "common/auth/jwks.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/auth/base64url.h"
#include "common/auth/token_signer.h"
#include "tests/support/matchers.h"

namespace arasta::auth {
namespace {

using ::arasta::testing::IsOk;
using ::testing::Not;

// RFC 7517, appendix A.1, whose thumbprint is well known.
constexpr char kExample[] =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"1"}]})";

TEST(JwksTest, ReadsTheStandardsExample) {
  const auto keys = KeySet::FromJson(kExample);
  ASSERT_THAT(keys, IsOk());
  ASSERT_NE(keys->Find("1"), nullptr);
  EXPECT_EQ(EncodeBase64Url(keys->Find("1")->x()), "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4");
  EXPECT_EQ(keys->Find("2"), nullptr);
}

TEST(JwksTest, SurvivesTheRoundTrip) {
  const SigningKey key = SigningKey::Generate();
  KeySet keys;
  keys.Add(key.id(), key.public_key());
  const auto read = KeySet::FromJson(keys.ToJson());
  ASSERT_THAT(read, IsOk());
  ASSERT_NE(read->Find(key.id()), nullptr);
  EXPECT_EQ(read->Find(key.id())->Thumbprint(), key.id());
}

TEST(JwksTest, SkipsKeysForOtherUses) {
  const auto keys = KeySet::FromJson(
      R"({"keys":[{"kty":"RSA","kid":"r","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-384","kid":"p"},7]})");
  ASSERT_THAT(keys, IsOk());
  EXPECT_TRUE(keys->keys().empty());
}

TEST(JwksTest, RefusesABrokenKey) {
  EXPECT_THAT(KeySet::FromJson("{}"), Not(IsOk()));
  EXPECT_THAT(KeySet::FromJson("nonsense"), Not(IsOk()));
  EXPECT_THAT(KeySet::FromJson(absl::StrReplaceAll(kExample, {{"4Etl6SRW", "4Etl6SRX"}})), Not(IsOk()))
      << "off the curve";
  EXPECT_THAT(KeySet::FromJson(absl::StrReplaceAll(kExample, {{"MKBCTN", "MKBC"}})), Not(IsOk())) << "short";
}

TEST(SigningKeyTest, SurvivesTheRoundTripThroughPem) {
  const SigningKey key = SigningKey::Generate();
  const auto read = SigningKey::FromPem(key.ToPem());
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->id(), key.id());
  EXPECT_THAT(SigningKey::FromPem("nonsense"), Not(IsOk()));
}

}  // namespace
}  // namespace arasta::auth
