// The first administrator.
#include "services/auth/create_admin.h"

#include <sys/stat.h>

#include <fstream>

#include "tests/integration/auth/auth_fixture.h"

namespace arasta::auth {
namespace {

using testing::HasReason;
using testing::IsOk;

class CreateAdminTest : public AuthFixture {
 protected:
  absl::Status Create(const std::string& email = "admin@arasta.example") {
    return CreateAdmin(testing::NobodyCall(), replica_->users, replica_->hasher, {email, file_, "en"});
  }
  std::string Password() {
    std::ifstream stream(file_);
    std::string password;
    std::getline(stream, password);
    return password;
  }
  mode_t Mode() {
    struct stat attributes = {};
    stat(file_.c_str(), &attributes);
    return attributes.st_mode & 0777;
  }
  void WritePassword(const std::string& password, mode_t mode) {
    std::ofstream(file_) << password << "\n";
    chmod(file_.c_str(), mode);
  }

  testing::TempDir dir_{"arasta-admin"};
  const std::string file_ = dir_.path() + "/admin-password";
};

TEST_F(CreateAdminTest, MakesARandomPasswordThatLogsInWithEveryRight) {
  ASSERT_THAT(Create(), IsOk());
  EXPECT_EQ(Mode(), 0600u);
  EXPECT_EQ(Password().size(), 24u);
  const absl::StatusOr<v1::Tokens> tokens = Login("admin@arasta.example", Password());
  ASSERT_THAT(tokens, IsOk());
  for (const char* permission :
       {"admin", "catalog.read", "catalog.write", "notification.read", "order.read"}) {
    EXPECT_TRUE(CallOf(*tokens).principal().Has(permission)) << permission;
  }
  EXPECT_EQ(Rows("audit_events WHERE kind = 'admin_created'"), 1);
}

TEST_F(CreateAdminTest, ChangesNothingTheSecondTime) {
  ASSERT_THAT(Create(), IsOk());
  const std::string password = Password();
  ASSERT_THAT(Create(), IsOk());
  EXPECT_EQ(Password(), password);
  EXPECT_EQ(Rows("users"), 1);
}

TEST_F(CreateAdminTest, FinishesARunThatDiedBetweenFileAndAccount) {
  WritePassword("kept from the first run", 0600);
  ASSERT_THAT(Create(), IsOk());
  EXPECT_THAT(Login("admin@arasta.example", "kept from the first run"), IsOk());
}

TEST_F(CreateAdminTest, RefusesWeakPasswordsAndFilesThatOthersRead) {
  WritePassword("password", 0600);
  EXPECT_THAT(Create(), HasReason("PASSWORD_TOO_GUESSABLE"));
  for (const mode_t mode : {0644, 0604, 0660}) {
    WritePassword("violet umbrellas at dawn", mode);
    EXPECT_THAT(Create(), HasReason("PASSWORD_FILE")) << std::oct << mode;
  }
  EXPECT_THAT(Create("not an address"), HasReason("INVALID_EMAIL"));
  EXPECT_EQ(Rows("users"), 0);
}

TEST_F(CreateAdminTest, TakesAFileThatItsGroupReads) {
  WritePassword("violet umbrellas at dawn", 0440);
  ASSERT_THAT(Create(), IsOk());
  EXPECT_THAT(Login("admin@arasta.example", "violet umbrellas at dawn"), IsOk());
}

TEST_F(CreateAdminTest, GivesNoCustomerRights) {
  RegisteredUser("admin@arasta.example");
  EXPECT_THAT(Create(), HasReason("EMAIL_TAKEN"));
  EXPECT_FALSE(CallOf(*Login("admin@arasta.example")).principal().Has("admin"));
}

}  // namespace
}  // namespace arasta::auth
