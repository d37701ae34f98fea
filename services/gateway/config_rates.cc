// The settings of who may call how often, and of who is believed to say who that is.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/redis/settings.h"
#include "services/gateway/config.h"
#include "services/gateway/trusted_proxies.h"

namespace arasta::gateway {
namespace {

// A person at a browser stays far below; an office behind one address should too.
constexpr char kProductionRates[] =
    "address=200/s:400,read=50/s:200,search=10/s:40,write=10/s:40,checkout=1/s:10,credential=30/m:30,"
    "bulk=2/s:20";

// Where all callers are our own: enough for any load test, so that what is limited in production runs here
// too.
std::string GenerousRates() {
  std::vector<std::string> rates;
  for (size_t rate = 0; rate < kRates; ++rate)
    rates.push_back(absl::StrCat(RateName(rate), "=1000000/s:1000000"));
  return absl::StrJoin(rates, ",");
}

}  // namespace

void ReadRates(config::Config& config, GatewayConfig& gateway) {
  const std::string defaults = config.IsProduction() ? kProductionRates : GenerousRates();
  const std::string text =
      config.String("ARASTA_GATEWAY_RATE_LIMITS", defaults,
                    "name=count/unit:burst or name=off, with commas; what is not named keeps its default");
  absl::Status status = ApplyRateLimits(defaults, gateway.rates);
  if (status.ok()) status = ApplyRateLimits(text, gateway.rates);
  if (!status.ok()) config.AddProblem(absl::StrCat("ARASTA_GATEWAY_RATE_LIMITS: ", status.message()));
  gateway.cache_redis = redis::ReadOptionalOptions(
      config, "ARASTA_CACHE_REDIS",
      "the Redis that shares rate limits between gateways; without it each has its own");
  gateway.cache_redis.size = 1;
  const std::string proxies =
      config.String("ARASTA_GATEWAY_TRUSTED_PROXIES", "",
                    "addresses and networks whose x-forwarded-for is believed, with commas");
  gateway.trusted_proxies = absl::StrSplit(proxies, ',', absl::SkipWhitespace());
  const absl::Status parsed = TrustedProxies::Parse(gateway.trusted_proxies).status();
  if (!parsed.ok()) config.AddProblem(absl::StrCat("ARASTA_GATEWAY_TRUSTED_PROXIES: ", parsed.message()));
}

}  // namespace arasta::gateway
