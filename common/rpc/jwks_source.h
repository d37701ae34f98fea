// Keeps a verifier's keys up to date: fetched at start until it succeeds, then every five minutes, and
// when a token names a key that is not known.
#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/token_verifier.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/rpc/channel.h"

namespace arasta::rpc {

// Thread-safe.
class JwksSource {
 public:
  using Fetch = std::function<absl::StatusOr<auth::KeySet>()>;

  JwksSource(Fetch fetch, auth::TokenVerifier& verifier, const Clock& clock = RealClock());

  // Fetches, but at most once in 30 s after a success and once a second after a failure, so that forged
  // key ids can't make us flood auth. Waits where another thread is at it. OK where the keys are fresh;
  // UNAVAILABLE where none could be had.
  absl::Status Refresh();

  // OK once keys were had.
  absl::Status Ready() const;

  // Starts the thread that refreshes in the background; the destructor ends it.
  void Start();

 private:
  absl::Status FetchNow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(fetch_mutex_);
  void Run(const std::stop_token& stop);

  const Fetch fetch_;
  auth::TokenVerifier& verifier_;
  const Clock& clock_;
  Mutex fetch_mutex_;
  absl::Time next_fetch_ ABSL_GUARDED_BY(fetch_mutex_) = absl::InfinitePast();
  absl::Status last_ ABSL_GUARDED_BY(fetch_mutex_) = absl::OkStatus();
  std::atomic<bool> ready_{false};
  std::jthread thread_;
};

// Asks auth's GetJwks. The one contract of a service that common/rpc knows: tokens are auth's, and
// everybody verifies them.
absl::StatusOr<auth::KeySet> FetchKeys(Channel& auth_channel);

}  // namespace arasta::rpc
