// The audit log: written in the transaction of the change itself, so that neither is there without the
// other. Append-only by the database role's rights.
#pragma once

#include <pqxx/transaction>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/call/call.h"

namespace arasta::auth {

// The kinds of event. Stable: what reads the log matches on them.
namespace audit {
inline constexpr absl::string_view kUserRegistered = "user_registered";
inline constexpr absl::string_view kRegistrationRepeated = "registration_repeated";
inline constexpr absl::string_view kAdminCreated = "admin_created";
inline constexpr absl::string_view kLoginSucceeded = "login_succeeded";
inline constexpr absl::string_view kLoginFailed = "login_failed";
inline constexpr absl::string_view kPasswordRehashed = "password_rehashed";
inline constexpr absl::string_view kSessionRevoked = "session_revoked";
inline constexpr absl::string_view kSigningKeyCreated = "signing_key_created";
}  // namespace audit

struct AuditEvent {
  absl::string_view kind;
  // "users/{uuid}", "guests/{uuid}", "unknown/{hash}" or "signingKeys/{kid}". Never an address.
  std::string subject;
  absl::Time time;
  std::string session = "";
  std::string detail = "";
};

void AppendAudit(pqxx::work& tx, const Call& call, const AuditEvent& event);

}  // namespace arasta::auth
