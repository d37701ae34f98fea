#include "services/auth/signing_key_store.h"

#include <pqxx/binarystring>
#include <pqxx/result>

#include "absl/strings/str_cat.h"
#include "common/pg/time.h"
#include "common/pg/transaction.h"
#include "services/auth/audit_rows.h"

namespace arasta::auth {

KeySchedule ScheduleOf(const std::vector<StoredKey>& keys, const KeyPolicy& policy, absl::Time now) {
  std::vector<KeyTimes> times;
  for (const StoredKey& stored : keys) times.push_back(stored.times);
  return ScheduleKeys(times, policy, now);
}

namespace {

constexpr char kReadKeys[] = R"sql(
  SELECT generation, activate_time, kid, sealed_private_key FROM signing_keys ORDER BY generation)sql";

std::vector<StoredKey> Read(pqxx::work& tx) {
  std::vector<StoredKey> keys;
  for (const pqxx::row& row : tx.exec(kReadKeys)) {
    const KeyTimes times{row[0].as<int64_t>(), pg::FromTimestamp(row[1])};
    keys.push_back({times, {row[2].c_str(), pqxx::binarystring(row[3]).str()}});
  }
  return keys;
}

constexpr char kInsertKey[] = R"sql(
  INSERT INTO signing_keys (generation, kid, sealed_private_key, create_time, activate_time)
  VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (generation) DO NOTHING)sql";

void Insert(pqxx::work& tx, const Call& call, const KeyTimes& times, const SealedKey& key, absl::Time now) {
  const pqxx::result inserted =
      tx.exec_params(kInsertKey, times.generation, key.kid, pqxx::binarystring(key.sealed_private_key),
                     pg::ToTimestamp(now), pg::ToTimestamp(times.activate_time));
  if (inserted.affected_rows() == 0) return;
  AppendAudit(tx, call, {audit::kSigningKeyCreated, absl::StrCat("signingKeys/", key.kid), now});
}

constexpr char kDeleteKeys[] = R"sql(DELETE FROM signing_keys WHERE generation < $1)sql";

}  // namespace

absl::StatusOr<std::vector<StoredKey>> SigningKeyStore::Load(const Call& call,
                                                             absl::FunctionRef<SealedKey()> make) {
  const absl::Time now = clock_.Now();
  return pg::InTransaction(pool_, call, [&](pqxx::work& tx) -> absl::StatusOr<std::vector<StoredKey>> {
    const std::vector<StoredKey> keys = Read(tx);
    const KeySchedule schedule = ScheduleOf(keys, policy_, now);
    tx.exec_params0(kDeleteKeys, schedule.oldest_published);
    if (!schedule.due) return keys;
    Insert(tx, call, *schedule.due, make(), now);
    // With ours, or with the one that another replica made first.
    return Read(tx);
  });
}

}  // namespace arasta::auth
