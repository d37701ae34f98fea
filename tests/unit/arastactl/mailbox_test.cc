#include "services/arastactl/mailbox.h"

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"

namespace arasta::ctl {
namespace {

class MailboxTest : public testing::Test {
 protected:
  MailboxTest() {
    std::filesystem::remove_all(maildir_);
    std::filesystem::create_directories(maildir_ + "/new");
    std::ofstream(maildir_ + "/new/1") << "From: shop@arasta.example\r\nTo: Ada <ada@example.com>\r\n"
                                          "Subject: Your order 42\r\n\r\nSubject: not a header\r\n";
  }

  const std::string maildir_ = testing::TempDir() + "/mailbox_test";
};

TEST_F(MailboxTest, FindsTheMailByRecipientAndSubject) {
  EXPECT_EQ(FindMail(maildir_, "ada@example.com", "42"), "Your order 42");
}

TEST_F(MailboxTest, IsNotFooledByAnotherRecipientOrTheBody) {
  EXPECT_FALSE(FindMail(maildir_, "bob@example.com", "42").has_value());
  EXPECT_FALSE(FindMail(maildir_, "ada@example.com", "not a header").has_value());
}

TEST_F(MailboxTest, AMailboxThatIsNotThereYetIsEmpty) {
  EXPECT_FALSE(FindMail(maildir_ + "/nowhere", "ada@example.com", "42").has_value());
}

}  // namespace
}  // namespace arasta::ctl
