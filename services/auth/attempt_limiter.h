// How often somebody may try: logins by account and by network, charged before the password is hashed
// and settled after it; registrations by address. Unknown accounts are counted like known ones.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/base/clock.h"
#include "common/call/call.h"
#include "services/auth/throttle.h"
#include "services/auth/throttle_store.h"

namespace arasta::auth {

class AttemptLimiter;

struct LimiterPolicy {
  ThrottlePolicy account;
  // More failures are free than for an account: behind one network stand an office, a campus, a carrier.
  ThrottlePolicy network = {.free_failures = 20, .success_forgives = false};
  // Each registration of an address mails its owner, so each counts.
  ThrottlePolicy registration = {
      .free_failures = 3, .first_wait = absl::Minutes(15), .memory = absl::Minutes(15)};
};

// A login under way. Settled once: by Succeed, by Fail, or, when neither is known, by going away.
class LoginAttempt {
 public:
  LoginAttempt(LoginAttempt&& other) noexcept;
  LoginAttempt& operator=(LoginAttempt&&) = delete;
  ~LoginAttempt();

  void Succeed();
  void Fail();

 private:
  friend class AttemptLimiter;
  struct Charged {
    ThrottleKey key;
    absl::Time end;
  };

  LoginAttempt(AttemptLimiter& limiter, const trace::Context& trace) : limiter_(&limiter), trace_(trace) {}
  void Settle(Outcome outcome);

  AttemptLimiter* limiter_;
  trace::Context trace_;
  std::vector<Charged> charged_;
};

// Thread-safe.
class AttemptLimiter {
 public:
  // `key` makes accounts in Redis pseudonymous.
  AttemptLimiter(redis::Pool& redis, std::string key, const LimiterPolicy& policy, const Clock& clock);

  // Nullopt: there were too many failures, answer as for a wrong password. Waits while as many attempts
  // as may be made are under way. DEADLINE_EXCEEDED.
  absl::StatusOr<absl::optional<LoginAttempt>> BeginLogin(const Call& call, const std::string& email_key);

  // RESOURCE_EXHAUSTED with RetryInfo and TOO_MANY_ATTEMPTS, for known and unknown addresses alike.
  absl::Status CountRegistration(const Call& call, const std::string& email_key);

  // "unknown/{hash}": names an address that has no account without giving it away.
  std::string PseudonymOf(const std::string& email_key) const;

 private:
  friend class LoginAttempt;

  std::string Digest(absl::string_view text) const;
  std::vector<ThrottleKey> LoginKeys(const Call& call, const std::string& email_key) const;
  absl::StatusOr<Charge> ChargeWaiting(const Call& call, const ThrottleKey& key);

  const std::string key_;
  const LimiterPolicy policy_;
  const Clock& clock_;
  ThrottleStore store_;
  metrics::Counter& locked_;
};

}  // namespace arasta::auth
