#include "services/auth/session_store.h"

#include <optional>
#include <pqxx/result>
#include <utility>

#include "absl/strings/str_split.h"
#include "common/auth/token_verifier.h"
#include "common/base/crash_point.h"
#include "common/base/errors.h"
#include "common/base/seeded_bug.h"
#include "common/base/status_macros.h"
#include "common/events/outbox.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"
#include "services/auth/audit_rows.h"
#include "services/auth/wire.h"

namespace arasta::auth {
namespace {

// More than one lost race is another token of the same session, or a revocation: both end the loop.
constexpr int kRotationAttempts = 8;

constexpr absl::Duration kKeptAfterExpiry = absl::Hours(24);

constexpr char kFindSession[] = R"sql(
  SELECT s.principal, s.guest, coalesce(array_to_string(u.permissions, ','), ''), s.authenticate_time,
         s.counter, s.rotated_time, s.expire_time, s.revoked_time IS NOT NULL, u.disabled_time IS NOT NULL
  FROM sessions s LEFT JOIN users u USING (user_id)
  WHERE s.session_id = $1)sql";

// Nullopt when there is no such session: one of a database that was restored.
absl::optional<Session> Find(pqxx::work& tx, const Uuid& id) {
  const pqxx::result rows = tx.exec_params(kFindSession, id.ToString());
  if (rows.empty()) return absl::nullopt;
  const pqxx::row row = rows[0];
  Session session;
  session.id = id;
  session.principal = row[0].c_str();
  session.guest = row[1].c_str();
  session.permissions = absl::StrSplit(row[2].c_str(), ',', absl::SkipEmpty());
  session.authenticate_time = pg::FromTimestamp(row[3]);
  session.state.counter = row[4].as<int64_t>();
  session.state.rotated_time = pg::FromTimestamp(row[5]);
  session.state.expire_time = pg::FromTimestamp(row[6]);
  session.state.revoked = row[7].as<bool>();
  session.state.disabled = row[8].as<bool>();
  return session;
}

constexpr char kStep[] = R"sql(
  UPDATE sessions SET counter = counter + 1, rotated_time = $3, version = version + 1
  WHERE session_id = $1 AND counter = $2 AND revoked_time IS NULL)sql";

// The bug: what was read is taken for what is still so.
constexpr char kStepWhateverCame[] = R"sql(
  UPDATE sessions SET counter = counter + 1, rotated_time = $3, version = version + 1
  WHERE session_id = $1 AND $2::bigint > 0)sql";

// False when another use of the token, or a revocation, came first.
bool Step(pqxx::work& tx, Session& session, absl::Time now) {
  const pqxx::result stepped =
      tx.exec_params(SeededBug("rotation_as_read_then_write") ? kStepWhateverCame : kStep,
                     session.id.ToString(), session.state.counter, pg::ToTimestamp(now));
  if (stepped.affected_rows() == 0) return false;
  ++session.state.counter;
  session.state.rotated_time = now;
  return true;
}

}  // namespace

void SessionStore::TellRevoked(pqxx::work& tx, const Call& call, const Uuid& id, int64_t version,
                               const std::string& principal, v1::SessionRevoked::Reason reason,
                               absl::Time now) {
  const std::string name = SessionName(id);
  AppendAudit(tx, call,
              {audit::kSessionRevoked, principal, now, name, v1::SessionRevoked::Reason_Name(reason)});
  v1::SessionRevoked event;
  event.set_session(name);
  event.set_principal(principal);
  event.set_reason(reason);
  *event.mutable_revoke_time() = ToProto(now);
  *event.mutable_forget_time() = ToProto(now + policy_.access_token_life + kTokenLeeway);
  events::Append(tx, call, {name, version, event});
}

constexpr char kRevoke[] = R"sql(
  UPDATE sessions SET revoked_time = $3, revoke_reason = $4, version = version + 1
  WHERE session_id = $1 AND principal = $2 AND revoked_time IS NULL
  RETURNING version)sql";

constexpr char kOwns[] = R"sql(SELECT FROM sessions WHERE session_id = $1 AND principal = $2)sql";

absl::Status SessionStore::RevokeIn(pqxx::work& tx, const Call& call, const Uuid& id,
                                    const std::string& principal, v1::SessionRevoked::Reason reason) {
  const absl::Time now = clock_.Now();
  const pqxx::result revoked =
      tx.exec_params(kRevoke, id.ToString(), principal, pg::ToTimestamp(now), static_cast<int>(reason));
  if (revoked.empty()) {
    const bool owns = !tx.exec_params(kOwns, id.ToString(), principal).empty();
    return owns ? absl::OkStatus() : NotFound(SessionName(id));
  }
  TellRevoked(tx, call, id, revoked[0][0].as<int64_t>(), principal, reason, now);
  return absl::OkStatus();
}

absl::Status SessionStore::Revoke(const Call& call, const Uuid& id, const std::string& principal,
                                  v1::SessionRevoked::Reason reason) {
  return pg::InTransaction(pool_, call,
                           [&](pqxx::work& tx) { return RevokeIn(tx, call, id, principal, reason); });
}

// In order of key, as two of these may meet.
constexpr char kRevokeOthers[] = R"sql(
  WITH others AS (
    SELECT session_id FROM sessions
    WHERE user_id = $1 AND session_id <> $2 AND revoked_time IS NULL
    ORDER BY session_id FOR UPDATE)
  UPDATE sessions s SET revoked_time = $3, revoke_reason = $4, version = version + 1
  FROM others o WHERE s.session_id = o.session_id
  RETURNING s.session_id, s.version)sql";

absl::Status SessionStore::RevokeOthers(const Call& call, const Uuid& user, const Uuid& kept) {
  constexpr auto kReason = v1::SessionRevoked::REASON_OWNER;
  const absl::Time now = clock_.Now();
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    for (const pqxx::row& row : tx.exec_params(kRevokeOthers, user.ToString(), kept.ToString(),
                                               pg::ToTimestamp(now), static_cast<int>(kReason))) {
      TellRevoked(tx, call, *Uuid::Parse(row[0].c_str()), row[1].as<int64_t>(), UserName(user), kReason, now);
    }
    return absl::OkStatus();
  });
}

constexpr char kListSessions[] = R"sql(
  SELECT session_id, create_time, rotated_time, expire_time
  FROM sessions
  WHERE user_id = $1 AND revoked_time IS NULL AND expire_time > $2 AND rotated_time > $3
    AND ($4::timestamptz IS NULL OR (create_time, session_id) < ($4, $5::uuid))
  ORDER BY create_time DESC, session_id DESC
  LIMIT $6)sql";

absl::StatusOr<std::vector<ListedSession>> SessionStore::List(const Call& call, const Uuid& user,
                                                              const absl::optional<SessionPosition>& position,
                                                              int limit) {
  const absl::Time now = clock_.Now();
  std::optional<std::string> after_time, after_id;
  if (position) {
    after_time = pg::ToTimestamp(position->create_time);
    after_id = position->id.ToString();
  }
  using Listed = absl::StatusOr<std::vector<ListedSession>>;
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> Listed {
    std::vector<ListedSession> sessions;
    for (const pqxx::row& row :
         tx.exec_params(kListSessions, user.ToString(), pg::ToTimestamp(now),
                        pg::ToTimestamp(now - policy_.idle_life), after_time, after_id, limit)) {
      SessionState state;
      state.rotated_time = pg::FromTimestamp(row[2]);
      state.expire_time = pg::FromTimestamp(row[3]);
      sessions.push_back({*Uuid::Parse(row[0].c_str()), pg::FromTimestamp(row[1]), state.rotated_time,
                          RefreshExpireTime(state, policy_)});
    }
    return sessions;
  });
}

// Skips what another replica is at.
constexpr char kDeleteExpired[] = R"sql(
  DELETE FROM sessions WHERE session_id IN (
    SELECT session_id FROM sessions WHERE expire_time < $1
    ORDER BY expire_time LIMIT $2 FOR UPDATE SKIP LOCKED))sql";

absl::StatusOr<int> SessionStore::DeleteExpired(const Call& call, int limit) {
  const std::string before = pg::ToTimestamp(clock_.Now() - kKeptAfterExpiry);
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<int> {
    return static_cast<int>(tx.exec_params(kDeleteExpired, before, limit).affected_rows());
  });
}

Session SessionStore::Begin(std::string principal) const {
  Session session;
  session.id = Uuid::V4();
  session.principal = std::move(principal);
  session.authenticate_time = clock_.Now();
  session.state.rotated_time = session.authenticate_time;
  session.state.expire_time = session.authenticate_time + policy_.absolute_life;
  return session;
}

constexpr char kInsertForGuest[] = R"sql(
  INSERT INTO sessions (session_id, principal, create_time, authenticate_time, rotated_time, expire_time)
  VALUES ($1, $2, $3, $3, $3, $4))sql";

absl::StatusOr<Session> SessionStore::CreateForGuest(const Call& call) {
  Session session = Begin(GuestName(Uuid::V4()));
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Session> {
    tx.exec_params0(kInsertForGuest, session.id.ToString(), session.principal,
                    pg::ToTimestamp(session.authenticate_time), pg::ToTimestamp(session.state.expire_time));
    return session;
  });
}

// Locks the account: disabling it either comes first, and there is no session, or finds this one.
constexpr char kInsertForUser[] = R"sql(
  INSERT INTO sessions (session_id, principal, user_id, guest, create_time, authenticate_time, rotated_time,
                        expire_time)
  SELECT $1::uuid, $2, user_id, $4, $5::timestamptz, $5::timestamptz, $5::timestamptz, $6::timestamptz
  FROM users WHERE user_id = $3 AND disabled_time IS NULL FOR SHARE)sql";

absl::StatusOr<Session> SessionStore::CreateForUser(const Call& call, const User& user,
                                                    const std::string& guest) {
  Session session = Begin(UserName(user.id));
  session.guest = guest;
  session.permissions = user.permissions;
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Session> {
    const pqxx::result inserted = tx.exec_params(
        kInsertForUser, session.id.ToString(), session.principal, user.id.ToString(), guest,
        pg::ToTimestamp(session.authenticate_time), pg::ToTimestamp(session.state.expire_time));
    if (inserted.affected_rows() == 0)
      return absl::UnauthenticatedError("the account was disabled meanwhile");
    AppendAudit(tx, call,
                {audit::kLoginSucceeded, session.principal, session.authenticate_time,
                 SessionName(session.id), guest});
    return session;
  });
}

// What is left when the process dies, and the client uses the same token again:
//   before the commit   nothing happened; the use steps the counter as if it were the first.
//   after the commit    the answer is lost; inside the grace window the use returns the same successor,
//                       later it is a reuse and the owner logs in again.
absl::StatusOr<Refreshed> SessionStore::Refresh(const Call& call, const RefreshToken& token) {
  const absl::Time now = clock_.Now();
  absl::StatusOr<Refreshed> refreshed =
      pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<Refreshed> {
        for (int attempt = 0; attempt < kRotationAttempts; ++attempt) {
          absl::optional<Session> session = Find(tx, token.session);
          if (!session) return Refreshed{Rotation::kRefuse, {}};
          const Rotation rotation = Decide(session->state, token.counter, policy_, now);
          if (rotation == Rotation::kStep && !Step(tx, *session, now)) continue;
          if (rotation == Rotation::kStep) CrashPoint("auth.before_rotation_commit");
          if (rotation == Rotation::kReuse) {
            RETURN_IF_ERROR(RevokeIn(tx, call, session->id, session->principal,
                                     v1::SessionRevoked::REASON_REFRESH_TOKEN_REUSED));
          }
          return Refreshed{rotation, *std::move(session)};
        }
        return Error(absl::StatusCode::kUnavailable, "CONTENTION", "the session is busy");
      });
  if (refreshed.ok() && refreshed->rotation == Rotation::kStep) CrashPoint("auth.after_rotation_commit");
  return refreshed;
}

}  // namespace arasta::auth
