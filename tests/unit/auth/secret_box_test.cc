#include "services/auth/secret_box.h"

#include <gtest/gtest.h>

namespace arasta::auth {
namespace {

TEST(SecretBoxTest, OpensOnlyWithItsKeyInItsRow) {
  const SecretBox box(DeriveKey("master", "boxes"));
  const std::string sealed = box.Seal("a secret", "row 1");
  EXPECT_EQ(*box.Open(sealed, "row 1"), "a secret");
  EXPECT_EQ(box.Open(sealed, "row 2").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(SecretBox(DeriveKey("master", "jars")).Open(sealed, "row 1").ok());
  EXPECT_FALSE(SecretBox(DeriveKey("another", "boxes")).Open(sealed, "row 1").ok());
}

TEST(SecretBoxTest, NoticesEveryChange) {
  const SecretBox box(DeriveKey("master", "boxes"));
  const std::string sealed = box.Seal("a secret", "row 1");
  for (size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(box.Open(changed, "row 1").ok()) << at;
    EXPECT_FALSE(box.Open(sealed.substr(0, at), "row 1").ok()) << at;
  }
}

TEST(SecretBoxTest, SealsTheSameSecretDifferentlyEachTime) {
  const SecretBox box(DeriveKey("master", "boxes"));
  EXPECT_NE(box.Seal("a secret", "row 1"), box.Seal("a secret", "row 1"));
}

}  // namespace
}  // namespace arasta::auth
