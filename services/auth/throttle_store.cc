#include "services/auth/throttle_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace arasta::auth {
namespace {

constexpr absl::Duration kPatience = absl::Milliseconds(100);
constexpr absl::Duration kAvoidance = absl::Seconds(1);
constexpr int kAttempts = 64;
constexpr size_t kGeneration = 10'000;

// Sets a key that is still what it was.
constexpr char kCompareAndSet[] = R"lua(
  if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1)lua";

}  // namespace

ThrottleStore::ThrottleStore(redis::Pool& redis)
    : redis_(redis),
      without_redis_(metrics::NewCounter("arasta_auth_throttle_without_redis_total",
                                         "Throttle decisions made in memory, Redis being away")) {}

absl::Status ThrottleStore::Update(const trace::Context& trace, const ThrottleKey& key, Step step) {
  if (absl::ToUnixNanos(absl::Now()) >= avoid_until_.load(std::memory_order_relaxed)) {
    absl::Status status = UpdateInRedis(trace, key, step);
    if (status.ok() || absl::IsAborted(status)) return status;
    avoid_until_.store(absl::ToUnixNanos(absl::Now() + kAvoidance), std::memory_order_relaxed);
  }
  without_redis_.Increment();
  UpdateHere(key, step);
  return absl::OkStatus();
}

absl::Status ThrottleStore::UpdateInRedis(const trace::Context& trace, const ThrottleKey& key, Step step) {
  const std::string memory = absl::StrCat(absl::ToInt64Milliseconds(key.policy->memory));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const absl::Time deadline = absl::Now() + kPatience;
    ASSIGN_OR_RETURN(const redis::Reply stored, redis_.Command(deadline, {"GET", key.name}, trace));
    ThrottleState state = ThrottleState::Decode(stored.text).value_or(ThrottleState());
    const std::string before = state.Encode();
    step(state, *key.policy);
    const std::string after = state.Encode();
    if (after == before) return absl::OkStatus();
    ASSIGN_OR_RETURN(
        const redis::Reply done,
        redis_.Command(deadline, {"EVAL", kCompareAndSet, "1", key.name, stored.text, after, memory}, trace));
    if (done.integer == 1) return absl::OkStatus();
  }
  return Error(absl::StatusCode::kAborted, "CONTENTION", "too many attempts at once");
}

void ThrottleStore::UpdateHere(const ThrottleKey& key, Step step) {
  MutexLock lock(mutex_);
  if (young_.size() >= kGeneration) {
    old_ = std::move(young_);
    young_.clear();
  }
  const auto [it, fresh] = young_.try_emplace(key.name);
  if (fresh) {
    if (const auto remembered = old_.find(key.name); remembered != old_.end())
      it->second = remembered->second;
  }
  step(it->second, QuarterOf(*key.policy));
}

}  // namespace arasta::auth
