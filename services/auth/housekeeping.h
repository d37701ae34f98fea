// What auth does without being asked: keeps the signing keys current and forgets sessions that can't
// come back. Every replica does it; the statements are made to meet.
#pragma once

#include <stop_token>

#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "services/auth/session_store.h"
#include "services/auth/signing_keys.h"

namespace arasta::auth {

// For one thread.
class Housekeeping {
 public:
  Housekeeping(SigningKeys& keys, SessionStore& sessions) : keys_(keys), sessions_(sessions) {}

  // Reads the keys every ten seconds, and sooner until there are any; sweeps every minute.
  void Run(std::stop_token stop);

 private:
  void RefreshKeys();
  void SweepSessions();

  SigningKeys& keys_;
  SessionStore& sessions_;
  absl::Time next_sweep_ = absl::InfinitePast();
  Mutex mutex_;
  CondVar stopped_;
};

}  // namespace arasta::auth
