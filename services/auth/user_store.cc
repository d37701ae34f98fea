#include "services/auth/user_store.h"

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "arasta/auth/v1/auth_events.pb.h"
#include "common/base/errors.h"
#include "common/events/outbox.h"
#include "common/pg/array.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"
#include "services/auth/audit_rows.h"
#include "services/auth/wire.h"

namespace arasta::auth {
namespace {

// Reads the columns that every query of a user begins with.
User ReadUser(const pqxx::row& row) {
  User user;
  user.id = *Uuid::Parse(row[0].c_str());
  user.email = row[1].c_str();
  user.display_name = row[2].c_str();
  user.locale = row[3].c_str();
  user.permissions = absl::StrSplit(row[4].c_str(), ',', absl::SkipEmpty());
  user.disabled = !row[5].is_null();
  user.version = row[6].as<int64_t>();
  user.create_time = pg::FromTimestamp(row[7]);
  user.update_time = pg::FromTimestamp(row[8]);
  return user;
}

void TellRegistered(pqxx::work& tx, const Call& call, const std::string& name, int64_t version,
                    absl::Time now) {
  AppendAudit(tx, call, {audit::kUserRegistered, name, now});
  v1::UserRegistered event;
  event.set_user(name);
  *event.mutable_create_time() = ToProto(now);
  events::Append(tx, call, {name, version, event});
}

void TellRepeated(pqxx::work& tx, const Call& call, const std::string& name, int64_t version,
                  absl::Time now) {
  AppendAudit(tx, call, {audit::kRegistrationRepeated, name, now});
  v1::RegistrationRepeated event;
  event.set_user(name);
  *event.mutable_attempt_time() = ToProto(now);
  events::Append(tx, call, {name, version, event});
}

}  // namespace

// A taken address steps its owner's version instead, for the event that tells the owner. The id tells
// the two apart.
constexpr char kRegister[] = R"sql(
  INSERT INTO users (user_id, email, email_key, display_name, locale, password_hash, create_time, update_time)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
  ON CONFLICT (email_key) DO UPDATE SET version = users.version + 1
  RETURNING user_id, version)sql";

constexpr char kIsRegistered[] = R"sql(SELECT FROM users WHERE user_id = $1)sql";

absl::Status UserStore::Register(const Call& call, const NewUser& user) {
  const absl::Time now = clock_.Now();
  const Uuid id = Uuid::V4();
  const auto insert = [&](pqxx::work& tx) -> absl::Status {
    const pqxx::row row =
        tx.exec_params1(kRegister, id.ToString(), user.email.address, user.email.key, user.display_name,
                        user.locale, user.password_hash, pg::ToTimestamp(now));
    const std::string name = UserName(*Uuid::Parse(row[0].c_str()));
    const int64_t version = row[1].as<int64_t>();
    if (name == UserName(id)) {
      TellRegistered(tx, call, name, version, now);
    } else {
      TellRepeated(tx, call, name, version, now);
    }
    return absl::OkStatus();
  };
  // An account whose commit is in doubt is looked up: a second try would only mail its owner that somebody
  // used the address.
  const auto find = [&](pqxx::work& tx) -> absl::Status {
    return tx.exec_params(kIsRegistered, id.ToString()).empty() ? NotFound(UserName(id)) : absl::OkStatus();
  };
  return pg::InTransaction(pool_, call, insert, find);
}

constexpr char kCreateAdmin[] = R"sql(
  INSERT INTO users (user_id, email, email_key, display_name, locale, password_hash, permissions,
                     create_time, update_time)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
  ON CONFLICT (email_key) DO NOTHING)sql";

absl::Status UserStore::CreateAdmin(const Call& call, const NewUser& user) {
  const absl::Time now = clock_.Now();
  const Uuid id = Uuid::V4();
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    const pqxx::result inserted =
        tx.exec_params(kCreateAdmin, id.ToString(), user.email.address, user.email.key, user.display_name,
                       user.locale, user.password_hash, pg::ToArray(user.permissions), pg::ToTimestamp(now));
    if (inserted.affected_rows() == 0) {
      return Error(absl::StatusCode::kAlreadyExists, "EMAIL_TAKEN", "the address has an account");
    }
    AppendAudit(tx, call,
                {audit::kAdminCreated, UserName(id), now, "", absl::StrJoin(user.permissions, ",")});
    return absl::OkStatus();
  });
}

constexpr char kFindCredentials[] = R"sql(
  SELECT user_id, email, display_name, locale, array_to_string(permissions, ','), disabled_time, version,
         create_time, update_time, password_hash
  FROM users WHERE email_key = $1)sql";

absl::StatusOr<absl::optional<Credentials>> UserStore::FindCredentials(const Call& call,
                                                                       const std::string& email_key) {
  using Found = absl::StatusOr<absl::optional<Credentials>>;
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> Found {
    const pqxx::result rows = tx.exec_params(kFindCredentials, email_key);
    if (rows.empty()) return absl::optional<Credentials>();
    return absl::optional<Credentials>(Credentials{ReadUser(rows[0]), rows[0][9].c_str()});
  });
}

constexpr char kGetUser[] = R"sql(
  SELECT user_id, email, display_name, locale, array_to_string(permissions, ','), disabled_time, version,
         create_time, update_time
  FROM users WHERE user_id = $1)sql";

absl::StatusOr<User> UserStore::Get(const Call& call, const Uuid& id) {
  return pg::ReadOnly(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<User> {
    const pqxx::result rows = tx.exec_params(kGetUser, id.ToString());
    if (rows.empty()) return NotFound(UserName(id));
    return ReadUser(rows[0]);
  });
}

constexpr char kReplaceHash[] = R"sql(
  UPDATE users SET password_hash = $3, update_time = $4, version = version + 1
  WHERE user_id = $1 AND password_hash = $2)sql";

absl::Status UserStore::ReplaceHash(const Call& call, const Uuid& id, const std::string& old_hash,
                                    const std::string& new_hash) {
  const absl::Time now = clock_.Now();
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    const pqxx::result replaced =
        tx.exec_params(kReplaceHash, id.ToString(), old_hash, new_hash, pg::ToTimestamp(now));
    if (replaced.affected_rows() > 0) AppendAudit(tx, call, {audit::kPasswordRehashed, UserName(id), now});
    return absl::OkStatus();
  });
}

absl::Status UserStore::NoteLoginFailure(const Call& call, const std::string& subject) {
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::Status {
    AppendAudit(tx, call, {audit::kLoginFailed, subject, clock_.Now()});
    return absl::OkStatus();
  });
}

}  // namespace arasta::auth
