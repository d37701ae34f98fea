// What an operator tells the gateway: its JSON file, its rate limits, and whose x-forwarded-for is believed.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "services/gateway/config.h"
#include "services/gateway/rate_limiter.h"
#include "services/gateway/trusted_proxies.h"
#include "tests/fuzz/input.h"

namespace arasta::fuzz {
namespace {

void ReadFile(const std::string& text) {
  gateway::GatewayConfig config;
  config.backends = {{"catalog", {"127.0.0.1:1"}, false, "catalog"}};
  config.routes = {{"/arasta.catalog.v1.", "catalog"}};
  const std::vector<std::string> problems = gateway::ApplyJson(text, config);
  for (const std::string& problem : problems) Require(!problem.empty(), "a problem has a text");
  if (!problems.empty()) return;
  const auto known = [&](const std::string& name) {
    return std::any_of(config.backends.begin(), config.backends.end(),
                       [&](const gateway::BackendConfig& backend) { return backend.name == name; });
  };
  for (const gateway::BackendConfig& backend : config.backends)
    Require(!backend.addresses.empty(), "a backend is somewhere");
  for (const gateway::Route& route : config.routes) {
    Require(!route.prefix.empty() && route.prefix.front() == '/', "a route is of paths");
    Require(known(route.backend), "and leads to a backend");
    Require(route.max_deadline >= absl::ZeroDuration(), "in time");
  }
  Require(config.max_request_bytes > 0 && config.limits.max_streams > 0, "something is allowed");
  Require(config.limits.head_timeout_ns > 0 && config.limits.idle_timeout_ns > 0, "and takes its time");
}

void ReadRates(absl::string_view text) {
  gateway::RateLimits limits{};
  if (!gateway::ApplyRateLimits(text, limits).ok()) return;
  for (const gateway::RateLimit& limit : limits) {
    if (!limit.limited()) continue;
    Require(limit.burst > 0, "a bucket holds a token");
    gateway::RateTable table(limit, /*sets=*/1);
    Require(table.Take(7, 1).allowed, "which the first caller gets");
  }
}

// A line of networks, one with the peer's address, and what it has forwarded.
void FindClient(Input input) {
  const std::vector<std::string> networks = absl::StrSplit(input.Line(), ',', absl::SkipWhitespace());
  const std::string peer(input.Line());
  gateway::HeaderBlock fields;
  while (!input.empty()) fields.Add("x-forwarded-for", input.Line());
  const auto proxies = gateway::TrustedProxies::Parse(networks);
  if (!proxies.ok()) return;
  const std::string client = proxies->ClientOf(peer, fields);
  Require(client == peer || gateway::TrustedProxies::Parse({client}).ok(), "a client is an address");
  Require(client == peer || !networks.empty(), "nobody is believed without being trusted");
  (void)gateway::RateKeyOfAddress(client);
}

}  // namespace
}  // namespace arasta::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  arasta::fuzz::Input input(data, size);
  // A JSON text is one as it stands.
  const uint8_t kind = input.empty() || input.rest().front() == '{' ? '{' : input.Byte();
  if (kind == '{') arasta::fuzz::ReadFile(std::string(input.rest()));
  if (kind == 'r') arasta::fuzz::ReadRates(input.rest());
  if (kind == 'p') arasta::fuzz::FindClient(input);
  return 0;
}
