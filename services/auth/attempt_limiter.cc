#include "services/auth/attempt_limiter.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"
#include "services/auth/client_address.h"

namespace arasta::auth {
namespace {

// A fraction of what an evaluation takes.
constexpr absl::Duration kPollInterval = absl::Milliseconds(10);

}  // namespace

LoginAttempt::LoginAttempt(LoginAttempt&& other) noexcept
    : limiter_(std::exchange(other.limiter_, nullptr)),
      trace_(other.trace_),
      charged_(std::move(other.charged_)) {}

LoginAttempt::~LoginAttempt() {
  Settle(Outcome::kAbandoned);
}

void LoginAttempt::Succeed() {
  Settle(Outcome::kSucceeded);
}

void LoginAttempt::Fail() {
  Settle(Outcome::kFailed);
}

void LoginAttempt::Settle(Outcome outcome) {
  if (limiter_ == nullptr) return;
  for (const Charged& charged : charged_) {
    const auto settle = [&](ThrottleState& state, const ThrottlePolicy& policy) {
      SettleAttempt(state, policy, limiter_->clock_.Now(), charged.end, outcome);
    };
    // A charge that stays unsettled counts as a failure in the end.
    const absl::Status status = limiter_->store_.Update(trace_, charged.key, settle);
    if (!status.ok()) log::Warning("login attempt not settled", {{"error", status.ToString()}});
  }
  limiter_ = nullptr;
}

AttemptLimiter::AttemptLimiter(redis::Pool& redis, std::string key, const LimiterPolicy& policy,
                               const Clock& clock)
    : key_(std::move(key)),
      policy_(policy),
      clock_(clock),
      store_(redis),
      locked_(metrics::NewCounter("arasta_auth_logins_throttled_total", "Logins refused before hashing")) {}

std::string AttemptLimiter::Digest(absl::string_view text) const {
  const auto digest = HmacSha256(key_, text);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), 16});
}

std::string AttemptLimiter::PseudonymOf(const std::string& email_key) const {
  return absl::StrCat("unknown/", Digest(email_key));
}

std::vector<ThrottleKey> AttemptLimiter::LoginKeys(const Call& call, const std::string& email_key) const {
  std::vector<ThrottleKey> keys = {
      {absl::StrCat("throttle:login:account:", Digest(email_key)), &policy_.account}};
  // Calls that did not come through the gateway (a test, an operator) come from no network.
  if (const std::string* forwarded_for = call.Metadata("x-forwarded-for")) {
    keys.push_back(
        {absl::StrCat("throttle:login:network:", Digest(ClientNetwork(*forwarded_for))), &policy_.network});
  }
  return keys;
}

absl::StatusOr<Charge> AttemptLimiter::ChargeWaiting(const Call& call, const ThrottleKey& key) {
  while (true) {
    Charge charge;
    const auto take = [&](ThrottleState& state, const ThrottlePolicy& policy) {
      charge = ChargeAttempt(state, policy, clock_.Now());
    };
    const absl::Status status = store_.Update(call.trace(), key, take);
    if (absl::IsAborted(status)) return Charge{Charge::Verdict::kLocked, absl::InfinitePast()};
    RETURN_IF_ERROR(status);
    if (charge.verdict != Charge::Verdict::kWait) return charge;
    if (call.Remaining() <= kPollInterval) {
      return Error(absl::StatusCode::kDeadlineExceeded, "BUSY", "other logins to this account are under way");
    }
    absl::SleepFor(kPollInterval);
  }
}

absl::StatusOr<absl::optional<LoginAttempt>> AttemptLimiter::BeginLogin(const Call& call,
                                                                        const std::string& email_key) {
  LoginAttempt attempt(*this, call.trace());
  for (const ThrottleKey& key : LoginKeys(call, email_key)) {
    ASSIGN_OR_RETURN(const Charge charge, ChargeWaiting(call, key));
    if (charge.verdict == Charge::Verdict::kLocked) {
      locked_.Increment();
      return absl::optional<LoginAttempt>();
    }
    attempt.charged_.push_back({key, charge.end});
  }
  return absl::optional<LoginAttempt>(std::move(attempt));
}

absl::Status AttemptLimiter::CountRegistration(const Call& call, const std::string& email_key) {
  const ThrottleKey key{absl::StrCat("throttle:register:", Digest(email_key)), &policy_.registration};
  ASSIGN_OR_RETURN(const Charge charge, ChargeWaiting(call, key));
  if (charge.verdict == Charge::Verdict::kLocked) {
    return WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_ATTEMPTS",
                                "too many attempts to register this address"),
                          policy_.registration.longest_wait);
  }
  return store_.Update(call.trace(), key, [&](ThrottleState& state, const ThrottlePolicy& policy) {
    SettleAttempt(state, policy, clock_.Now(), charge.end, Outcome::kFailed);
  });
}

}  // namespace arasta::auth
