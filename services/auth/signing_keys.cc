#include "services/auth/signing_keys.h"

#include <pqxx/binarystring>
#include <pqxx/result>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"
#include "services/auth/audit.h"

namespace arasta::auth {

struct SigningKeys::Key {
  KeyTimes times;
  std::string kid;
  std::string sealed_private_key;
};

SigningKeys::SigningKeys(pg::Pool& pool, SecretBox box, std::string issuer, const KeyPolicy& policy,
                         const Clock& clock, std::function<void(KeySet)> on_change)
    : pool_(pool),
      box_(std::move(box)),
      issuer_(std::move(issuer)),
      policy_(policy),
      clock_(clock),
      on_change_(std::move(on_change)) {}

namespace {

constexpr char kReadKeys[] = R"sql(
  SELECT generation, activate_time, kid, sealed_private_key FROM signing_keys ORDER BY generation)sql";

constexpr char kInsertKey[] = R"sql(
  INSERT INTO signing_keys (generation, kid, sealed_private_key, create_time, activate_time)
  VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (generation) DO NOTHING)sql";

constexpr char kDeleteKeys[] = R"sql(DELETE FROM signing_keys WHERE generation < $1)sql";

}  // namespace

std::vector<SigningKeys::Key> SigningKeys::Read(pqxx::work& tx) {
  std::vector<Key> keys;
  for (const pqxx::row& row : tx.exec(kReadKeys)) {
    const KeyTimes times{row[0].as<int64_t>(), pg::FromTimestamp(row[1])};
    keys.push_back({times, row[2].c_str(), pqxx::binarystring(row[3]).str()});
  }
  return keys;
}

KeySchedule SigningKeys::ScheduleOf(const std::vector<Key>& keys, absl::Time now) const {
  std::vector<KeyTimes> times;
  for (const Key& key : keys) times.push_back(key.times);
  return ScheduleKeys(times, policy_, now);
}

absl::StatusOr<std::vector<SigningKeys::Key>> SigningKeys::Load(const Call& call) {
  const absl::Time now = clock_.Now();
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<Key>> {
    const std::vector<Key> keys = Read(tx);
    const KeySchedule schedule = ScheduleOf(keys, now);
    tx.exec_params0(kDeleteKeys, schedule.oldest_published);
    if (!schedule.due) return keys;
    const SigningKey key = SigningKey::Generate();
    const pqxx::binarystring sealed(box_.Seal(key.ToPem(), key.id()));
    const pqxx::result made =
        tx.exec_params(kInsertKey, schedule.due->generation, key.id(), sealed, pg::ToTimestamp(now),
                       pg::ToTimestamp(schedule.due->activate_time));
    if (made.affected_rows() > 0) {
      AppendAudit(tx, call, {audit::kSigningKeyCreated, absl::StrCat("signingKeys/", key.id()), now});
    }
    // Ours, or the one that another replica made first.
    return Read(tx);
  });
}

absl::Status SigningKeys::Use(const std::vector<Key>& keys) {
  const KeySchedule schedule = ScheduleOf(keys, clock_.Now());
  KeySet published;
  std::shared_ptr<const TokenSigner> current;
  for (const Key& key : keys) {
    if (key.times.generation < schedule.oldest_published) continue;
    ASSIGN_OR_RETURN(const std::string pem, box_.Open(key.sealed_private_key, key.kid));
    ASSIGN_OR_RETURN(const SigningKey signing_key, SigningKey::FromPem(pem));
    published.Add(key.kid, signing_key.public_key());
    if (key.times.generation == schedule.current)
      current = std::make_shared<TokenSigner>(signing_key, issuer_);
  }
  {
    MutexLock lock(mutex_);
    current_ = current;
    published_ = published;
  }
  on_change_(std::move(published));
  return absl::OkStatus();
}

absl::Status SigningKeys::Refresh(const Call& call) {
  ASSIGN_OR_RETURN(const std::vector<Key> keys, Load(call));
  return Use(keys);
}

absl::StatusOr<std::shared_ptr<const TokenSigner>> SigningKeys::Current() const {
  MutexLock lock(mutex_);
  if (current_ == nullptr) {
    return WithRetryAfter(
        Error(absl::StatusCode::kUnavailable, "NO_SIGNING_KEY", "the signing keys were not read yet"),
        absl::Seconds(1));
  }
  return current_;
}

KeySet SigningKeys::Published() const {
  MutexLock lock(mutex_);
  return published_;
}

}  // namespace arasta::auth
