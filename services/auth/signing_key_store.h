// Signing keys in PostgreSQL, sealed.
#pragma once

#include <pqxx/transaction>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/call/call.h"
#include "common/pg/pool.h"
#include "services/auth/key_schedule.h"

namespace arasta::auth {

struct SealedKey {
  std::string kid;
  // PEM, sealed and bound to `kid`.
  std::string sealed_private_key;
};

struct StoredKey {
  KeyTimes times;
  SealedKey key;
};

// When each of `keys` is published, used and forgotten.
KeySchedule ScheduleOf(const std::vector<StoredKey>& keys, const KeyPolicy& policy, absl::Time now);

// Thread-safe.
class SigningKeyStore {
 public:
  SigningKeyStore(pg::Pool& pool, const KeyPolicy& policy, const Clock& clock)
      : pool_(pool), policy_(policy), clock_(clock) {}

  // The keys in order of generation, having stored the first or the next one, from `make`, where it is due
  // and deleted those that nothing rests on. Replicas may do so at once: they make one key.
  absl::StatusOr<std::vector<StoredKey>> Load(const Call& call, absl::FunctionRef<SealedKey()> make);

 private:
  pg::Pool& pool_;
  const KeyPolicy policy_;
  const Clock& clock_;
};

}  // namespace arasta::auth
