#include "services/auth/email_address.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace arasta::auth {
namespace {

std::string KeyOf(absl::string_view text) {
  const absl::StatusOr<EmailAddress> email = ParseEmailAddress(text);
  return email.ok() ? email->key : absl::StrCat("refused: ", text);
}

TEST(EmailAddressTest, SpellingsOfOneAddressAreOneAccount) {
  for (const char* spelling : {"anna@example.com", "Anna@Example.COM", " anna@example.com ",
                               "ａｎｎａ@example.com", "anna@ｅｘａｍｐｌｅ.com", "ANNA@EXAMPLE。COM"}) {
    EXPECT_EQ(KeyOf(spelling), "anna@example.com") << spelling;
  }
}

TEST(EmailAddressTest, ComposedAndDecomposedLettersAreOneDomain) {
  EXPECT_EQ(KeyOf("anna@ren\xC3\xA9.example"), KeyOf("anna@rene\xCC\x81.example"));
}

TEST(EmailAddressTest, InternationalDomainsAreTheirAsciiForm) {
  EXPECT_EQ(KeyOf("info@b\xC3\xBC"
                  "cher.example"),
            "info@xn--bcher-kva.example");
  EXPECT_EQ(KeyOf("info@xn--bcher-kva.example"), "info@xn--bcher-kva.example");
}

TEST(EmailAddressTest, DifferentAddressesStayApart) {
  EXPECT_NE(KeyOf("anna@example.com"), KeyOf("anna+shop@example.com"));
  EXPECT_NE(KeyOf("an.na@example.com"), KeyOf("anna@example.com"));
  EXPECT_NE(KeyOf("anna@example.com"), KeyOf("anna@example.org"));
}

TEST(EmailAddressTest, MailGoesWhereItsOwnerWroteIt) {
  EXPECT_EQ(ParseEmailAddress(" Anna@Example.com")->address, "Anna@Example.com");
  EXPECT_EQ(ParseEmailAddress("ａｎｎａ@example.com")->address, "anna@example.com");
}

TEST(EmailAddressTest, RefusesWhatMailCannotBeSentTo) {
  for (const std::string& text :
       {std::string(), std::string("anna"), std::string("@example.com"), std::string("anna@"),
        std::string("anna@localhost"), std::string("anna@example.com."), std::string("an na@example.com"),
        std::string("a..b@example.com"), std::string("anna@exa mple.com"), std::string("anna@-x.com"),
        std::string("anna@127.0.0.1"), std::string("ren\xC3\xA9@example.com"),
        std::string("anna@example.com\r\nBcc: eve@example.com"), std::string("\"a\"@example.com"),
        std::string("a,b@example.com"),
        std::string("anna\xEF\xBC\xA0"
                    "eve@example.com"),
        std::string("a\0b@example.com", 15), std::string(65, 'a') + "@example.com",
        std::string("a@") + std::string(254, 'b') + ".com"}) {
    const absl::StatusOr<EmailAddress> email = ParseEmailAddress(text);
    EXPECT_EQ(email.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(ReasonOf(email.status()), "INVALID_EMAIL") << text;
  }
}

}  // namespace
}  // namespace arasta::auth
