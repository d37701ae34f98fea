#include "services/auth/password.h"

#include <gtest/gtest.h>

#include "common/base/errors.h"

namespace arasta::auth {
namespace {

const std::vector<std::string> kContext = {"arasta", "anna.petrova@example.com", "Anna Petrova"};

std::string VerdictOn(const std::string& password) {
  const absl::Status status = CheckPasswordPolicy(password, kContext);
  return status.ok() ? "OK" : ReasonOf(status);
}

TEST(PasswordTest, TheSameTextIsTheSameBytes) {
  EXPECT_EQ(*NormalizePassword("caf\xC3\xA9 au lait"), *NormalizePassword("cafe\xCC\x81 au lait"));
}

TEST(PasswordTest, KeepsCaseSpaceAndWidth) {
  EXPECT_EQ(*NormalizePassword(" Pass Word "), " Pass Word ");
  EXPECT_NE(*NormalizePassword("ａ"), *NormalizePassword("a"));
}

TEST(PasswordTest, RefusesOver1024BytesAndCutsNothing) {
  EXPECT_EQ(NormalizePassword(std::string(1024, 'x'))->size(), 1024u);
  EXPECT_EQ(ReasonOf(NormalizePassword(std::string(1025, 'x')).status()), "PASSWORD_TOO_LONG");
  // U+0958 grows by NFC, from three bytes to six.
  std::string growing;
  for (int i = 0; i < 300; ++i) growing += "\xE0\xA5\x98";
  EXPECT_EQ(ReasonOf(NormalizePassword(growing).status()), "PASSWORD_TOO_LONG");
}

TEST(PasswordTest, CountsCharactersAndNotBytes) {
  EXPECT_EQ(VerdictOn("gj3kf9x"), "PASSWORD_TOO_SHORT");
  EXPECT_EQ(VerdictOn("\xC3\xA9\xC3\xA4\xC3\xB6\xC3\xBC"), "PASSWORD_TOO_SHORT");
  EXPECT_EQ(VerdictOn("gj3kf9xq"), "OK");
}

TEST(PasswordTest, RefusesCommonPasswordsAndTheOwnersOwnWords) {
  for (const char* guessable : {"password", "password1", "12345678", "qwertyuiop", "aaaaaaaaaaaa",
                                "arasta123", "anna.petrova@example.com"}) {
    EXPECT_EQ(VerdictOn(guessable), "PASSWORD_TOO_GUESSABLE") << guessable;
  }
}

TEST(PasswordTest, AsksForNoComposition) {
  EXPECT_EQ(VerdictOn("correct horse battery staple"), "OK");
  EXPECT_EQ(VerdictOn(std::string("violet umbrellas march at dawn ") + std::string(900, 'z')), "OK");
}

}  // namespace
}  // namespace arasta::auth
