#include "services/auth/signing_keys.h"

#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace arasta::auth {

SigningKeys::SigningKeys(SigningKeyStore& store, SecretBox box, std::string issuer, const KeyPolicy& policy,
                         const Clock& clock, std::function<void(KeySet)> on_change)
    : store_(store),
      box_(std::move(box)),
      issuer_(std::move(issuer)),
      policy_(policy),
      clock_(clock),
      on_change_(std::move(on_change)) {}

absl::Status SigningKeys::Use(const std::vector<StoredKey>& keys) {
  const KeySchedule schedule = ScheduleOf(keys, policy_, clock_.Now());
  KeySet published;
  std::shared_ptr<const TokenSigner> current;
  for (const auto& [times, key] : keys) {
    if (times.generation < schedule.oldest_published) continue;
    ASSIGN_OR_RETURN(const std::string pem, box_.Open(key.sealed_private_key, key.kid));
    ASSIGN_OR_RETURN(const SigningKey signing_key, SigningKey::FromPem(pem));
    published.Add(key.kid, signing_key.public_key());
    if (times.generation == schedule.current) current = std::make_shared<TokenSigner>(signing_key, issuer_);
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
  const auto make = [&] {
    const SigningKey key = SigningKey::Generate();
    return SealedKey{key.id(), box_.Seal(key.ToPem(), key.id())};
  };
  ASSIGN_OR_RETURN(const std::vector<StoredKey> keys, store_.Load(call, make));
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
