#include "common/admin/certificate.h"

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/certificates.h"

namespace arasta::admin {
namespace {

using ::testing::HasSubstr;

class CheckCertificateTest : public ::testing::Test {
 protected:
  CheckCertificateTest() {
    for (const char* name : {"ours", "other"}) authority_.Issue(name, "order");
  }

  static std::string Problem(const std::string& certificate, const std::string& key) {
    return std::string(CheckCertificate(certificate, key).message());
  }

  arasta::testing::CertificateAuthority authority_;
  const std::string certificate_ = authority_.CertificatePath("ours");
  const std::string key_ = authority_.KeyPath("ours");
};

TEST_F(CheckCertificateTest, TakesAPairThatFits) {
  EXPECT_TRUE(CheckCertificate(certificate_, key_).ok());
}

TEST_F(CheckCertificateTest, NamesTheFileThatIsWrong) {
  const std::string other = authority_.KeyPath("other");
  EXPECT_EQ(Problem("/nowhere.crt", key_), "/nowhere.crt holds no certificate that can be read");
  EXPECT_EQ(Problem(key_, key_), absl::StrCat(key_, " holds no certificate that can be read"));
  EXPECT_EQ(Problem(certificate_, certificate_),
            absl::StrCat(certificate_, " holds no private key that can be read"));
  EXPECT_EQ(Problem(certificate_, other), absl::StrCat(other, " does not fit the certificate"));
}

TEST_F(CheckCertificateTest, LooksAtTheTime) {
  const std::string old = authority_.CertificatePath("old");
  const std::string make =
      absl::StrCat("openssl req -new -key ", key_, " -subj /CN=old | openssl x509 -req -signkey ", key_,
                   " -days -1 -out ", old, " 2>/dev/null");
  ASSERT_EQ(std::system(make.c_str()), 0);
  EXPECT_THAT(Problem(old, key_), HasSubstr("has ended"));
}

}  // namespace
}  // namespace arasta::admin
