// Accounts in PostgreSQL. Every change writes its audit row and its event in the same transaction.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/base/clock.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/auth/email_address.h"
#include "services/auth/user.h"

namespace arasta::auth {

struct NewUser {
  EmailAddress email;
  std::string display_name;
  std::string locale;
  std::string password_hash;
  std::vector<std::string> permissions = {};
};

struct Credentials {
  User user;
  std::string password_hash;
};

// Thread-safe.
class UserStore {
 public:
  UserStore(pg::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  // Makes the account, or, where the address has one, notes the attempt for its owner. The same
  // statements and rows either way, and the same answer.
  absl::Status Register(const Call& call, const NewUser& user);

  // Makes an account that may do what `user.permissions` say. ALREADY_EXISTS: the address has one.
  absl::Status CreateAdmin(const Call& call, const NewUser& user);

  // Nullopt when the address has no account.
  absl::StatusOr<absl::optional<Credentials>> FindCredentials(const Call& call, const std::string& email_key);

  // NOT_FOUND.
  absl::StatusOr<User> Get(const Call& call, const Uuid& id);

  // Puts a stronger hash in the place of `old_hash`, unless the password was changed meanwhile.
  absl::Status ReplaceHash(const Call& call, const Uuid& id, const std::string& old_hash,
                           const std::string& new_hash);

  // Notes a failed login of `subject`.
  absl::Status NoteLoginFailure(const Call& call, const std::string& subject);

 private:
  pg::Pool& pool_;
  const Clock& clock_;
};

}  // namespace arasta::auth
