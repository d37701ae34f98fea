// Verifies access tokens: compact JWS, ES256 and nothing else, typ at+jwt (RFC 9068). Every service
// verifies for itself. Deliberately small and strict: whatever is not exactly what TokenSigner writes
// is refused, always with the same message, so that a forger learns nothing.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/auth/jwks.h"
#include "common/auth/principal.h"
#include "common/base/mutex.h"

namespace arasta::auth {

// The reason of a token signed by a key that is not in the set: the caller may fetch keys and try again.
inline constexpr absl::string_view kUnknownKey = "UNKNOWN_KEY";
// The reason of every other refusal.
inline constexpr absl::string_view kInvalidToken = "INVALID_TOKEN";

// `iss` of every token of a deployment, unless configured otherwise, and `aud` always.
inline constexpr absl::string_view kDefaultIssuer = "arasta";
inline constexpr absl::string_view kAudience = "arasta";

inline constexpr size_t kMaxTokenBytes = 4096;
inline constexpr absl::Duration kMaxTokenLife = absl::Minutes(10);
inline constexpr absl::Duration kTokenLeeway = absl::Seconds(30);

// Time since some moment, by a clock that nobody sets.
absl::Duration SteadyTime();

// Thread-safe. Never blocks: a repeated token costs a hash and a lookup.
class TokenVerifier {
 public:
  explicit TokenVerifier(std::string issuer, KeySet keys = {},
                         std::function<absl::Duration()> steady_time = SteadyTime);

  // UNAUTHENTICATED for every token that is refused, expired ones too: one that was accepted once is not
  // accepted for longer because the wall clock was set back meanwhile.
  absl::StatusOr<Principal> Verify(absl::string_view token, absl::Time now) const;

  // Replaces the keys; tokens verified before are verified anew.
  void SetKeys(KeySet keys);

 private:
  using Digest = std::array<uint8_t, 32>;
  struct Accepted {
    Principal principal;
    absl::Duration end;  // by steady_time_
  };
  using Cache = absl::flat_hash_map<Digest, Accepted>;

  absl::StatusOr<Principal> VerifyUncached(absl::string_view token, absl::Time now, const KeySet& keys) const;

  const std::string issuer_;
  const std::function<absl::Duration()> steady_time_;
  mutable Mutex mutex_;
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_);
  // Two generations bound the cache: when `young_` is full it becomes `old_`, and what nobody asked for is
  // gone.
  mutable Cache young_ ABSL_GUARDED_BY(mutex_);
  mutable Cache old_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace arasta::auth
