// The JSON file of services that the environment does not know of; config.h shows one.
#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/config.h"
#include "services/gateway/config_entry.h"

namespace arasta::gateway {
namespace {

using Json = nlohmann::json;

constexpr int64_t kMostBytes = 1 << 30;
constexpr int kLastCode = static_cast<int>(absl::StatusCode::kUnauthenticated);
constexpr int64_t kMostCalls = 1'000'000;
constexpr int64_t kMostMs = 24 * 60 * 60 * 1000;
constexpr int64_t kNsPerMs = 1'000'000;

bool IsAddress(absl::string_view text) {
  if (absl::StartsWith(text, "unix:")) return text.size() > 5;
  const size_t colon = text.rfind(':');
  int port = 0;
  return colon != absl::string_view::npos && colon > 0 && absl::SimpleAtoi(text.substr(colon + 1), &port) &&
         port > 0 && port < 65536;
}

template <typename Named>
bool HasName(const std::vector<Named>& all, const std::string& name) {
  return std::any_of(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
}

void ReadBackend(const std::string& name, ConfigEntry& entry, GatewayConfig& gateway) {
  BackendConfig backend{name, entry.Strings("addresses"), entry.Bool("tls", false),
                        entry.String("identity", name)};
  if (backend.addresses.empty()) entry.AddProblem("addresses", "is needed");
  for (const std::string& address : backend.addresses) {
    if (!IsAddress(address)) entry.AddProblem("addresses", absl::StrCat("not host:port: ", address));
  }
  if (backend.tls && gateway.tls.empty()) entry.AddProblem("tls", "needs ARASTA_TLS_CERT, _KEY and _CA");
  if (HasName(gateway.backends, name)) entry.AddProblem("addresses", "are in the environment already");
  gateway.backends.push_back(std::move(backend));
}

options::v1::Access::Who ReadAccess(ConfigEntry& entry) {
  options::v1::Access::Who who = options::v1::Access::WHO_UNSPECIFIED;
  const std::string name = entry.String("default_access", "");
  if (!name.empty() && !options::v1::Access::Who_Parse(name, &who)) {
    entry.AddProblem("default_access", "is not PUBLIC, GUEST, USER or STAFF");
  }
  return who;
}

options::v1::RateClass ReadRateClass(ConfigEntry& entry) {
  options::v1::RateClass rate_class = options::v1::RATE_CLASS_UNSPECIFIED;
  const std::string name = entry.String("default_rate_class", "");
  if (!name.empty() && !options::v1::RateClass_Parse(absl::StrCat("RATE_CLASS_", name), &rate_class)) {
    entry.AddProblem("default_rate_class", "is not READ, SEARCH, WRITE, CHECKOUT, CREDENTIAL or BULK");
  }
  return rate_class;
}

// By name, as gRPC has them.
std::vector<absl::StatusCode> ReadRetryCodes(ConfigEntry& entry) {
  std::vector<absl::StatusCode> codes;
  for (const std::string& name : entry.Strings("retry_on")) {
    int code = kLastCode;
    while (code > 0 && absl::StatusCodeToString(static_cast<absl::StatusCode>(code)) != name) --code;
    if (code == 0) entry.AddProblem("retry_on", absl::StrCat("no code that calls fail with: ", name));
    codes.push_back(static_cast<absl::StatusCode>(code));
  }
  return codes;
}

// The limits of an own service's route may be said anew; a prefix that stands twice in the file is a mistake.
void ReadRoute(ConfigEntry& entry, std::set<std::string>& seen, GatewayConfig& gateway) {
  Route route;
  route.prefix = entry.Required("prefix");
  route.backend = entry.Required("backend");
  route.default_access = ReadAccess(entry);
  route.default_rate_class = ReadRateClass(entry);
  route.max_request_bytes = static_cast<uint32_t>(entry.Int("max_request_bytes", 0, 1, kMostBytes));
  route.max_deadline = absl::Milliseconds(entry.Int("max_deadline_ms", 0, 1, kMostMs));
  route.retry_on = ReadRetryCodes(entry);
  route.max_calls = static_cast<uint32_t>(entry.Int("max_calls", 0, 1, kMostCalls));
  if (!route.prefix.empty() && route.prefix.front() != '/')
    entry.AddProblem("prefix", "begins with no slash");
  if (!route.prefix.empty() && !seen.insert(route.prefix).second) entry.AddProblem("prefix", "stands twice");
  if (!route.backend.empty() && !HasName(gateway.backends, route.backend)) {
    entry.AddProblem("backend", absl::StrCat("there is none named ", route.backend));
  }
  const auto same = std::find_if(gateway.routes.begin(), gateway.routes.end(),
                                 [&](const Route& other) { return other.prefix == route.prefix; });
  if (same != gateway.routes.end()) gateway.routes.erase(same);
  gateway.routes.push_back(std::move(route));
}

void ReadWebhook(ConfigEntry& entry, GatewayConfig& gateway) {
  const Webhook webhook{entry.Required("name"), entry.Required("method")};
  if (HasName(gateway.webhooks, webhook.name)) entry.AddProblem("name", "stands twice");
  gateway.webhooks.push_back(webhook);
}

void ReadLimits(ConfigEntry& entry, GatewayConfig& gateway) {
  FrontLimits& limits = gateway.limits;
  const auto count = [&](const char* key, uint32_t& limit, int64_t min, int64_t max) {
    limit = static_cast<uint32_t>(entry.Int(key, limit, min, max));
  };
  const auto time = [&](const char* key, int64_t& limit_ns) {
    limit_ns = entry.Int(key, limit_ns / kNsPerMs, 1, kMostMs) * kNsPerMs;
  };
  count("max_request_bytes", gateway.max_request_bytes, 1, kMostBytes);
  count("max_connections", limits.max_connections, 1, 1'000'000);
  count("max_streams", limits.max_streams, 1, 100'000);
  count("max_header_bytes", limits.max_header_bytes, 1024, 1 << 20);
  time("head_timeout_ms", limits.head_timeout_ns);
  time("idle_timeout_ms", limits.idle_timeout_ns);
  time("answer_stall_ms", limits.answer_stall_ns);
}

void ReadCors(ConfigEntry& entry, CorsOptions& cors) {
  for (std::string& origin : entry.Strings("origins")) {
    if (!IsOrigin(origin)) entry.AddProblem("origins", absl::StrCat("no origin: ", origin));
    cors.origins.push_back(std::move(origin));
  }
  for (std::string& name : entry.Strings("exposed_headers")) cors.exposed_headers.push_back(std::move(name));
}

void ReadRateLimits(ConfigEntry& file, RateLimits& limits) {
  for (const std::string& limit : file.Strings("rate_limits")) {
    const absl::Status status = ApplyRateLimits(limit, limits);
    if (!status.ok()) file.AddProblem("rate_limits", status.message());
  }
}

void ReadFile(ConfigEntry& file, GatewayConfig& gateway) {
  for (std::string& set : file.Strings("descriptors")) gateway.descriptors.push_back(std::move(set));
  file.ForEachNamed("backends", [&](const std::string& name, ConfigEntry& backend) {
    ReadBackend(name, backend, gateway);
  });
  std::set<std::string> prefixes;
  file.ForEach("routes", [&](ConfigEntry& route) { ReadRoute(route, prefixes, gateway); });
  file.ForEach("webhooks", [&](ConfigEntry& webhook) { ReadWebhook(webhook, gateway); });
  ReadRateLimits(file, gateway.rates);
  file.With("cors", [&](ConfigEntry& cors) { ReadCors(cors, gateway.cors); });
  file.With("limits", [&](ConfigEntry& limits) { ReadLimits(limits, gateway); });
}

// Tells of keys that stand twice in an object, of which a reader would see one.
class Duplicates {
 public:
  explicit Duplicates(std::vector<std::string>& problems) : problems_(problems) {}

  bool operator()(int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key && !keys_.back().insert(parsed.get<std::string>()).second) {
      problems_.push_back(absl::StrCat(parsed.get<std::string>(), ": stands twice in one object"));
    }
    return true;
  }

 private:
  std::vector<std::string>& problems_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

std::vector<std::string> ApplyJson(const std::string& text, GatewayConfig& config) {
  std::vector<std::string> problems;
  try {
    Duplicates duplicates(problems);
    const Json json = Json::parse(text, std::ref(duplicates));
    ConfigEntry file(json, "", problems);
    ReadFile(file, config);
  } catch (const Json::exception& error) {
    problems.emplace_back(error.what());
  }
  return problems;
}

}  // namespace arasta::gateway
