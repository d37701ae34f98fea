#include "services/gateway/certificates.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/support/certificates.h"

namespace arasta::gateway {
namespace {

using arasta::testing::CertificateAuthority;

class CertificateFilesTest : public ::testing::Test {
 protected:
  CertificateFilesTest() { authority_.Issue("shop", "shop"); }

  FrontTls Front() const { return {authority_.CertificatePath("shop"), authority_.KeyPath("shop"), ""}; }
  TlsFiles Back() const {
    return {authority_.CertificatePath("shop"), authority_.KeyPath("shop"), authority_.CaPath()};
  }

  CertificateAuthority authority_;
};

TEST_F(CertificateFilesTest, AreReadForEachSideThatHasThem) {
  EXPECT_EQ(CertificateFiles({}, {}).Read()->front, nullptr);
  EXPECT_EQ(CertificateFiles({}, {}).Read()->back, nullptr);
  EXPECT_NE(CertificateFiles(Front(), {}).Read()->front, nullptr);
  EXPECT_EQ(CertificateFiles(Front(), {}).Read()->back, nullptr);
  EXPECT_NE(CertificateFiles({}, Back()).Read()->back, nullptr);
}

TEST_F(CertificateFilesTest, AreRefusedWhereKeyAndCertificateAreNotAPair) {
  authority_.Issue("other", "other");
  FrontTls front = Front();
  front.key = authority_.KeyPath("other");
  const auto read = CertificateFiles(front, {}).Read();
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.status().message().find(front.key), std::string::npos) << read.status();
}

TEST_F(CertificateFilesTest, HaveChangedOnceWrittenAndOnceReplaced) {
  CertificateFiles files(Front(), Back());
  EXPECT_FALSE(files.Changed());
  std::ofstream(Front().key, std::ios::app) << "\n";
  EXPECT_TRUE(files.Changed());
  EXPECT_FALSE(files.Changed());
  const std::string next = Front().certificate + ".next";
  std::filesystem::copy_file(Front().certificate, next);
  std::filesystem::last_write_time(next, std::filesystem::last_write_time(Front().certificate));
  std::filesystem::rename(next, Front().certificate);
  EXPECT_TRUE(files.Changed());
  EXPECT_FALSE(files.Changed());
}

TEST_F(CertificateFilesTest, HaveChangedWhenOneIsMissingAndWhenItIsBack) {
  CertificateFiles files({}, Back());
  std::filesystem::rename(Back().authority, Back().authority + ".away");
  EXPECT_TRUE(files.Changed());
  EXPECT_FALSE(files.Changed());
  std::filesystem::rename(Back().authority + ".away", Back().authority);
  EXPECT_TRUE(files.Changed());
}

}  // namespace
}  // namespace arasta::gateway
