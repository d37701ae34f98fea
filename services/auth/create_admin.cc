#include "services/auth/create_admin.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"
#include "services/auth/email_address.h"
#include "services/auth/password.h"

namespace arasta::auth {
namespace {

constexpr char kAdmin[] = "admin";
constexpr size_t kPasswordBytes = 18;

std::vector<std::string> AllPermissions() {
  return {kAdmin, "catalog.read", "catalog.write", "notification.read", "order.read"};
}

absl::Status FileError(const std::string& path, absl::string_view problem) {
  return Error(absl::StatusCode::kFailedPrecondition, "PASSWORD_FILE", absl::StrCat(path, ": ", problem));
}

absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  struct stat attributes;
  if (stat(path.c_str(), &attributes) != 0) return absl::NotFoundError(path);
  // A Secret that Kubernetes mounts belongs to root, and its group is the process's own.
  if ((attributes.st_mode & 037) != 0) return FileError(path, "others may read it; chmod 600 it");
  std::ifstream file(path);
  std::string password;
  if (!std::getline(file, password)) return FileError(path, "can't be read, or is empty");
  return password;
}

// Under another name first: the file is there whole or not at all.
absl::StatusOr<std::string> MakePassword(const std::string& path) {
  const std::string password = absl::WebSafeBase64Escape(RandomBytes(kPasswordBytes));
  const std::string line = password + "\n";
  const std::string draft = path + ".new";
  unlink(draft.c_str());
  const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return FileError(path, "can't be made");
  const bool written =
      write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(file) == 0;
  close(file);
  if (!written || rename(draft.c_str(), path.c_str()) != 0) return FileError(path, "can't be written");
  return password;
}

bool IsAdmin(const User& user) {
  return std::find(user.permissions.begin(), user.permissions.end(), kAdmin) != user.permissions.end();
}

}  // namespace

absl::Status CreateAdmin(const Call& call, UserStore& users, const PasswordHasher& hasher,
                         const NewAdmin& admin) {
  NewUser user;
  ASSIGN_OR_RETURN(user.email, ParseEmailAddress(admin.email));
  ASSIGN_OR_RETURN(const absl::optional<Credentials> existing, users.FindCredentials(call, user.email.key));
  if (existing && IsAdmin(existing->user)) return absl::OkStatus();
  if (existing) {
    return Error(absl::StatusCode::kFailedPrecondition, "EMAIL_TAKEN",
                 "the address has a customer's account");
  }

  absl::StatusOr<std::string> password = ReadPassword(admin.password_file);
  if (absl::IsNotFound(password.status())) password = MakePassword(admin.password_file);
  RETURN_IF_ERROR(password.status());
  ASSIGN_OR_RETURN(const std::string normalized, NormalizePassword(*password));
  RETURN_IF_ERROR(CheckPasswordPolicy(normalized, {"arasta", kAdmin, user.email.key}));
  ASSIGN_OR_RETURN(user.password_hash, hasher.Hash(normalized));
  user.locale = admin.locale;
  user.permissions = AllPermissions();
  return users.CreateAdmin(call, user);
}

}  // namespace arasta::auth
