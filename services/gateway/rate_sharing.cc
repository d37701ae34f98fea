#include "services/gateway/rate_sharing.h"

#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"

namespace arasta::gateway {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(100);
constexpr absl::Duration kPauseAfterFailure = absl::Seconds(1);
constexpr absl::Duration kPatience = absl::Milliseconds(250);
// Of a class in one exchange: some milliseconds of Redis' time.
constexpr size_t kMostKeys = 1024;

// KEYS: buckets. ARGV: the most that a bucket may be said to lack, then what was taken from each; in µs. The
// first bounds also what a clock that jumped can do.
constexpr char kExchange[] = R"lua(
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local most = tonumber(ARGV[1])
  local lacking = {}
  for i, key in ipairs(KEYS) do
    local before = math.max((tonumber(redis.call('GET', key)) or 0) - now, 0)
    local lacks = math.min(before + ARGV[i + 1], most)
    redis.call('SET', key, string.format('%.0f', now + lacks), 'PX', math.ceil(lacks / 1000))
    lacking[i] = lacks
  end
  return lacking)lua";

int64_t SteadyNowNs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

int64_t MicrosUp(int64_t ns) {
  return (ns + 999) / 1000;
}

// The most that a bucket may be said to lack.
int64_t MostUs(const RateTable& table) {
  return MicrosUp(2 * table.limit().depth_ns());
}

redis::Args CommandFor(size_t rate, const RateTable& table, const std::vector<RateTable::Taken>& taken) {
  redis::Args command = {"EVAL", kExchange, absl::StrCat(taken.size())};
  for (const RateTable::Taken& one : taken) {
    command.push_back(absl::StrCat("rate:", RateName(rate), ":", absl::Hex(one.key, absl::kZeroPad16)));
  }
  command.push_back(absl::StrCat(MostUs(table)));
  for (const RateTable::Taken& one : taken) command.push_back(absl::StrCat(MicrosUp(one.ns)));
  return command;
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> LackingIn(const redis::Reply& reply, size_t buckets, int64_t most) {
  RETURN_IF_ERROR(redis::StatusOfReply(reply));
  std::vector<int64_t> lacking;
  for (const redis::Reply& element : reply.elements) {
    const bool possible = element.integer >= 0 && element.integer <= most;
    if (element.kind == redis::Reply::Kind::kInteger && possible) lacking.push_back(element.integer);
  }
  if (lacking.size() == buckets && reply.elements.size() == buckets) return lacking;
  return absl::InternalError("not our script's answer");
}

RateSharing::RateSharing(const redis::Options& redis, std::shared_ptr<RateLimiter> limiter)
    : redis_(redis),
      shared_(metrics::NewGauge("arasta_gateway_rates_shared",
                                "1 while rate limits are shared with other gateways, 0 without Redis")),
      exchanges_(metrics::NewCounter("arasta_gateway_rate_exchanges_total", "Exchanges with Redis")),
      failures_(metrics::NewCounter("arasta_gateway_rate_exchange_failures_total",
                                    "Exchanges that Redis did not answer in time")),
      limiter_(std::move(limiter)) {}

void RateSharing::Share(std::shared_ptr<RateLimiter> limiter) {
  MutexLock lock(mutex_);
  limiter_ = std::move(limiter);
}

void RateSharing::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const absl::Status status = RunOnce(SteadyNowNs());
    Note(status);
    MutexLock lock(mutex_);
    stopped_.WaitFor(mutex_, stop, status.ok() ? kPause : kPauseAfterFailure, [] { return false; });
  }
}

absl::Status RateSharing::RunOnce(int64_t now_ns) {
  std::shared_ptr<RateLimiter> limiter;
  {
    MutexLock lock(mutex_);
    limiter = limiter_;
  }
  const std::vector<Batch> batches = Collect(*limiter, now_ns);
  if (batches.empty()) return told_of_failure_ ? redis_.Ping() : absl::OkStatus();
  std::vector<redis::Args> commands;
  for (const Batch& batch : batches) commands.push_back(batch.command);
  ASSIGN_OR_RETURN(const std::vector<redis::Reply> replies,
                   redis_.Pipeline(absl::Now() + kPatience, commands));
  for (size_t i = 0; i < batches.size(); ++i) {
    const Batch& batch = batches[i];
    ASSIGN_OR_RETURN(const std::vector<int64_t> lacking,
                     LackingIn(replies[i], batch.taken.size(), MostUs(*batch.table)));
    for (size_t j = 0; j < lacking.size(); ++j) {
      batch.table->Lift(batch.taken[j], now_ns + 1000 * lacking[j], now_ns);
    }
  }
  return absl::OkStatus();
}

std::vector<RateSharing::Batch> RateSharing::Collect(const RateLimiter& limiter, int64_t now_ns) {
  std::vector<Batch> batches;
  for (size_t rate = 0; rate < kRates; ++rate) {
    RateTable* table = limiter.table(rate);
    if (table == nullptr) continue;
    std::vector<RateTable::Taken> taken = table->Collect(kMostKeys, now_ns);
    if (taken.empty()) continue;
    redis::Args command = CommandFor(rate, *table, taken);
    batches.push_back({table, std::move(taken), std::move(command)});
  }
  return batches;
}

// A line when it begins and one when it ends.
void RateSharing::Note(const absl::Status& status) {
  exchanges_.Increment();
  if (!status.ok()) failures_.Increment();
  shared_.Set(status.ok() ? 1 : 0);
  if (status.ok() != told_of_failure_) return;
  told_of_failure_ = !status.ok();
  if (status.ok()) {
    log::Info("rate limits are shared again");
  } else {
    log::Warning("rate limits are this gateway's own while Redis is away", {{"error", status.message()}});
  }
}

}  // namespace arasta::gateway
