// The keys that access tokens are signed with, in memory: the signer of the moment and the public keys
// that are published.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/jwks.h"
#include "common/auth/token_signer.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/call/call.h"
#include "services/auth/key_schedule.h"
#include "services/auth/secret_box.h"
#include "services/auth/signing_key_store.h"

namespace arasta::auth {

// Thread-safe.
class SigningKeys {
 public:
  // `on_change` is given the published keys whenever they were read.
  SigningKeys(SigningKeyStore& store, SecretBox box, std::string issuer, const KeyPolicy& policy,
              const Clock& clock, std::function<void(KeySet)> on_change);

  // Reads the keys, having made the first or the next one where it is due. Safe for replicas at once.
  absl::Status Refresh(const Call& call);

  // UNAVAILABLE until the first Refresh.
  absl::StatusOr<std::shared_ptr<const TokenSigner>> Current() const;
  KeySet Published() const;

 private:
  absl::Status Use(const std::vector<StoredKey>& keys);

  SigningKeyStore& store_;
  const SecretBox box_;
  const std::string issuer_;
  const KeyPolicy policy_;
  const Clock& clock_;
  const std::function<void(KeySet)> on_change_;

  mutable Mutex mutex_;
  std::shared_ptr<const TokenSigner> current_ ABSL_GUARDED_BY(mutex_);
  KeySet published_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace arasta::auth
