// Sessions in PostgreSQL: one row each, stepped by compare-and-set. Every end of a session writes its
// audit row and its SessionRevoked event in the same transaction.
#pragma once

#include <pqxx/transaction>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arasta/auth/v1/auth_events.pb.h"
#include "common/base/clock.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/auth/refresh_token.h"
#include "services/auth/rotation.h"
#include "services/auth/user.h"

namespace arasta::auth {

// What the tokens of a session say.
struct Session {
  Uuid id;
  // "users/{uuid}" or "guests/{uuid}".
  std::string principal;
  // "guests/{uuid}", or empty.
  std::string guest;
  // The owner's, at this moment.
  std::vector<std::string> permissions;
  absl::Time authenticate_time;
  SessionState state;
};

// A session in its owner's list.
struct ListedSession {
  Uuid id;
  absl::Time create_time;
  absl::Time refresh_time;
  absl::Time expire_time;
};

// A place in the list: what comes after this session.
struct SessionPosition {
  absl::Time create_time;
  Uuid id;
};

struct Refreshed {
  Rotation rotation;
  // As it is after the rotation; of use for kStep and kRepeat only.
  Session session;
};

// Thread-safe.
class SessionStore {
 public:
  SessionStore(pg::Pool& pool, const SessionPolicy& policy, const Clock& clock)
      : pool_(pool), policy_(policy), clock_(clock) {}

  absl::StatusOr<Session> CreateForGuest(const Call& call);
  // `guest` is "guests/{uuid}" or empty. UNAUTHENTICATED when the user was disabled meanwhile.
  absl::StatusOr<Session> CreateForUser(const Call& call, const User& user, const std::string& guest);

  // Uses a refresh token: decides (rotation.h) and does what was decided. Repeating it with the same
  // token is safe within the grace window.
  absl::StatusOr<Refreshed> Refresh(const Call& call, const RefreshToken& token);

  // Ends a session of `principal`. OK when it had ended before; NOT_FOUND when it is not theirs.
  absl::Status Revoke(const Call& call, const Uuid& id, const std::string& principal,
                      v1::SessionRevoked::Reason reason);

  // Ends all sessions of a user but `kept`.
  absl::Status RevokeOthers(const Call& call, const Uuid& user, const Uuid& kept);

  // At most `limit` sessions of a user that have not ended, newest first, after `position`.
  absl::StatusOr<std::vector<ListedSession>> List(const Call& call, const Uuid& user,
                                                  const absl::optional<SessionPosition>& position, int limit);

  // Forgets at most `limit` sessions whose absolute life ended more than a day ago. Returns how many.
  absl::StatusOr<int> DeleteExpired(const Call& call, int limit);

 private:
  // A session that begins now; not stored yet.
  Session Begin(std::string principal) const;
  absl::Status RevokeIn(pqxx::work& tx, const Call& call, const Uuid& id, const std::string& principal,
                        v1::SessionRevoked::Reason reason);
  // The audit row and the event of a row that was revoked just now.
  void TellRevoked(pqxx::work& tx, const Call& call, const Uuid& id, int64_t version,
                   const std::string& principal, v1::SessionRevoked::Reason reason, absl::Time now);

  pg::Pool& pool_;
  const SessionPolicy policy_;
  const Clock& clock_;
};

}  // namespace arasta::auth
