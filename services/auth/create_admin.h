// The first administrator, made by an operator at set-up: never by a default password, never over the
// network.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/call/call.h"
#include "services/auth/password_hasher.h"
#include "services/auth/user_store.h"

namespace arasta::auth {

struct NewAdmin {
  std::string email;
  // Read where it exists; otherwise made, with a random password, readable by its owner alone.
  std::string password_file;
  std::string locale;
};

// Idempotent: where the administrator exists already, nothing is changed. The file is complete before
// the account is made, so an interrupted run is repaired by the next.
// FAILED_PRECONDITION: the address belongs to a customer, or others may read the file. INVALID_ARGUMENT:
// address or password are unfit.
absl::Status CreateAdmin(const Call& call, UserStore& users, const PasswordHasher& hasher,
                         const NewAdmin& admin);

}  // namespace arasta::auth
