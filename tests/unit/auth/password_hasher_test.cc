#include "services/auth/password_hasher.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace arasta::auth {
namespace {

constexpr HashParameters kSmall{8, 1};

TEST(PasswordHasherTest, MatchesOnlyThePasswordThatWasHashed) {
  const PasswordHasher hasher(kSmall);
  const std::string hash = *hasher.Hash("correct horse");
  EXPECT_TRUE(absl::StartsWith(hash, "$argon2id$v=19$m=8,t=1,p=1$"));
  EXPECT_TRUE(hasher.Verify(hash, "correct horse"));
  EXPECT_FALSE(hasher.Verify(hash, "correct horsf"));
  EXPECT_FALSE(hasher.Verify(hash, std::string("correct horse\0", 14)));
  EXPECT_NE(hash, *hasher.Hash("correct horse"));
}

TEST(PasswordHasherTest, RefusesHostileHashesBeforeSpendingOnThem) {
  const PasswordHasher hasher(kSmall);
  const std::string hash = *hasher.Hash("correct horse");
  // Over 1 GiB, and over 10 passes: either would take seconds or the machine.
  for (const char* asked : {"m=4194304,t=1", "m=8,t=4000000", "m=99999999999999999999,t=1", "m=8,t=-1"}) {
    EXPECT_FALSE(hasher.Verify(absl::StrReplaceAll(hash, {{"m=8,t=1", asked}}), "correct horse")) << asked;
  }
  for (const char* foreign :
       {"", "x", "$argon2i$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA", "$2b$12$abcdefghijklmnopqrstuv"}) {
    EXPECT_FALSE(hasher.Verify(foreign, "correct horse")) << foreign;
  }
}

TEST(PasswordHasherTest, WantsWeakerHashesMadeAnew) {
  const std::string weak = *PasswordHasher(kSmall).Hash("correct horse");
  const PasswordHasher stronger(HashParameters{16, 2});
  EXPECT_TRUE(stronger.NeedsRehash(weak));
  EXPECT_TRUE(stronger.Verify(weak, "correct horse"));
  EXPECT_FALSE(stronger.NeedsRehash(*stronger.Hash("correct horse")));
  EXPECT_FALSE(PasswordHasher(kSmall).NeedsRehash(*stronger.Hash("correct horse")));
}

}  // namespace
}  // namespace arasta::auth
