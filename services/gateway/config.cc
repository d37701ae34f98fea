#include "services/gateway/config.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/auth/token_verifier.h"

namespace arasta::gateway {
namespace {

constexpr std::array<const char*, 4> kServices = {"auth", "catalog", "order", "notification"};

// The build puts the contracts beside its programs: bin/arasta-gateway, protos/arasta.binpb.
std::string DefaultDescriptors() {
  std::array<char, 4096> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size() - 1);
  const std::string program(path.data(), length < 0 ? 0 : static_cast<size_t>(length));
  return absl::StrCat(program.substr(0, program.rfind('/')), "/../protos/arasta.binpb");
}

std::vector<std::string> List(const std::string& text) {
  return absl::StrSplit(text, ',', absl::SkipWhitespace());
}

void AddOwnServices(config::Config& config, bool tls, GatewayConfig& gateway) {
  for (const char* service : kServices) {
    const std::string variable = absl::StrCat("ARASTA_", absl::AsciiStrToUpper(service), "_ADDRESS");
    const std::string addresses =
        config.String(variable, "", absl::StrCat("host:port of ", service, "; several with commas"));
    if (addresses.empty()) continue;
    for (const std::string& each : List(addresses)) {
      const bool usable = config::IsAddress(each) || absl::StartsWith(each, "unix:/");
      if (!usable) config.AddProblem(absl::StrCat(variable, ": ", each, " is not host:port"));
    }
    gateway.backends.push_back({service, List(addresses), tls, service});
    gateway.routes.push_back({absl::StrCat("/arasta.", service, ".v1."), service});
  }
}

void AddFile(const std::string& file, config::Config& config, GatewayConfig& gateway) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  for (const std::string& problem : ApplyJson(text.str(), gateway)) {
    config.AddProblem(absl::StrCat(file, ": ", problem));
  }
}

// Which of the named values a variable has.
template <typename Value>
Value OneOf(config::Config& config, const std::string& name, const std::string& meaning,
            const std::vector<std::pair<std::string, Value>>& values) {
  const std::string text = config.String(name, values.front().first, meaning);
  for (const auto& [known, value] : values) {
    if (text == known) return value;
  }
  config.AddProblem(absl::StrCat(name, "=", text, " is not: ", meaning));
  return values.front().second;
}

void ReadFrontTls(config::Config& config, GatewayConfig& gateway) {
  FrontTls& tls = gateway.front_tls;
  tls.certificate = config.File("ARASTA_GATEWAY_TLS_CERT",
                                "the certificate that clients are shown, a PEM file with its chain");
  tls.key = config.File("ARASTA_GATEWAY_TLS_KEY", "its private key, a PEM file");
  tls.client_authority =
      config.File("ARASTA_GATEWAY_CLIENT_CA", "who signs certificates of clients, a PEM file");
  tls.client_certificates = OneOf<ClientCertificates>(config, "ARASTA_GATEWAY_CLIENT_CERTS",
                                                      "none, optional or required of clients",
                                                      {{"none", ClientCertificates::kNone},
                                                       {"optional", ClientCertificates::kOptional},
                                                       {"required", ClientCertificates::kRequired}});
  gateway.certificate_interval =
      config.Duration("ARASTA_GATEWAY_CERTIFICATE_INTERVAL", absl::Seconds(10), absl::Milliseconds(100),
                      absl::Hours(24), "how often the files of all certificates are looked at for new ones");
  gateway.cleartext_too =
      OneOf<bool>(config, "ARASTA_GATEWAY_CLEARTEXT", "no, or also: taken beside TLS on the same port",
                  {{"no", false}, {"also", true}});
  gateway.tell_certificates =
      config.Bool("ARASTA_GATEWAY_FORWARD_CLIENT_CERT", false,
                  "tells services of a client's certificate as x-forwarded-client-cert");
  if (tls.certificate.empty() != tls.key.empty())
    config.AddProblem("ARASTA_GATEWAY_TLS_CERT and ARASTA_GATEWAY_TLS_KEY need each other");
  const bool asked = tls.client_certificates != ClientCertificates::kNone;
  if (asked && (tls.empty() || tls.client_authority.empty()))
    config.AddProblem(
        "ARASTA_GATEWAY_CLIENT_CERTS needs ARASTA_GATEWAY_CLIENT_CA and ARASTA_GATEWAY_TLS_CERT");
}

void ReadOwnTls(config::Config& config, GatewayConfig& gateway) {
  TlsFiles& tls = gateway.tls;
  tls.certificate = config.File("ARASTA_TLS_CERT", "our certificate, a PEM file");
  tls.key = config.File("ARASTA_TLS_KEY", "our private key, a PEM file");
  tls.authority = config.File("ARASTA_TLS_CA", "the authority of our processes, a PEM file");
  const bool whole = !tls.certificate.empty() && !tls.key.empty() && !tls.authority.empty();
  if (tls.empty() ? config.IsProduction() : !whole) {
    config.AddProblem(
        "ARASTA_TLS_CERT, ARASTA_TLS_KEY and ARASTA_TLS_CA belong together; production needs them");
  }
}

void ReadOrigins(config::Config& config, GatewayConfig& gateway) {
  const char* const defaults = config.IsProduction() ? "" : "http://localhost:*,http://127.0.0.1:*";
  gateway.cors.origins = List(config.String("ARASTA_GATEWAY_CORS_ORIGINS", defaults,
                                            "web origins that may call, with commas; a port of * is any"));
  for (const std::string& origin : gateway.cors.origins) {
    if (IsOrigin(origin)) continue;
    config.AddProblem(
        absl::StrCat("ARASTA_GATEWAY_CORS_ORIGINS: ", origin, " is not like https://shop.example"));
  }
}

void ReadFiles(config::Config& config, GatewayConfig& gateway) {
  gateway.descriptors = List(config.String("ARASTA_GATEWAY_DESCRIPTORS", DefaultDescriptors(),
                                           "descriptor sets of the services, with commas"));
  for (const std::string& each : gateway.descriptors) {
    if (config::IsReadable(each)) continue;
    config.AddProblem(absl::StrCat("ARASTA_GATEWAY_DESCRIPTORS: ", each, " can't be read, or is empty"));
  }
  const std::string file =
      config.File("ARASTA_GATEWAY_CONFIG", "a JSON file with more backends and routes, read anew on SIGHUP");
  if (config::IsReadable(file)) AddFile(file, config, gateway);
}

}  // namespace

GatewayConfig ReadConfig(config::Config& config) {
  GatewayConfig gateway;
  gateway.listen =
      config.Address("ARASTA_LISTEN", "127.0.0.1:0", "host:port that clients connect to; port 0 picks one");
  gateway.admin_listen =
      config.Address("ARASTA_ADMIN_LISTEN", "127.0.0.1:0", "host:port of /metrics, /livez, /readyz");
  gateway.log_level = config.OneOf("ARASTA_LOG_LEVEL", {"info", "debug", "warning", "error"},
                                   "debug, info, warning or error");
  gateway.traces = otlp::ReadTraceSettings(config);
  gateway.workers =
      static_cast<int>(config.Int("ARASTA_GATEWAY_WORKERS", 0, 0, 256, "loops; 0 is one per usable core"));
  gateway.connections_per_address = static_cast<int>(config.Int(
      "ARASTA_GATEWAY_CONNECTIONS", 1, 1, 16, "connections of a worker to each address of a backend"));
  gateway.max_connections_per_address = static_cast<int>(
      config.Int("ARASTA_GATEWAY_MAX_CONNECTIONS", 8, 1, 64,
                 "connections of a worker to each address while it takes no more calls over fewer"));
  gateway.reflection =
      config.Bool("ARASTA_REFLECTION", !config.IsProduction(),
                  "tell everybody what is served here, by grpc.reflection; never in production") &&
      !config.IsProduction();
  gateway.lookup_interval = config.Duration(
      "ARASTA_GATEWAY_DNS_INTERVAL", absl::Seconds(5), absl::Milliseconds(100), absl::Hours(1),
      "how often names of backends are looked up; sooner where no replica serves");
  gateway.access_log = config.Bool("ARASTA_GATEWAY_ACCESS_LOG", true, "one line per call on stderr");
  gateway.max_request_bytes = static_cast<uint32_t>(
      config.Int("ARASTA_GATEWAY_MAX_REQUEST_BYTES", 4 << 20, 1024, 1 << 30, "the largest request message"));
  gateway.limits.max_buffered_bytes = static_cast<size_t>(
      config.Int("ARASTA_GATEWAY_MAX_BUFFERED_BYTES", 256 << 20, 1 << 20, 64ll << 30,
                 "what a loop may hold for slow readers; beyond, new calls are turned away"));
  gateway.drain_delay =
      config.Duration("ARASTA_DRAIN_DELAY", config.IsProduction() ? absl::Seconds(5) : absl::ZeroDuration(),
                      absl::ZeroDuration(), absl::Minutes(2),
                      "how long clients are still accepted after SIGTERM, until balancers "
                      "have noticed that we are not ready");
  gateway.drain_timeout =
      config.Duration("ARASTA_GATEWAY_DRAIN_TIMEOUT", absl::Seconds(30), absl::ZeroDuration(),
                      absl::Minutes(60), "how long calls may take to end after SIGTERM");
  gateway.issuer =
      config.String("ARASTA_TOKEN_ISSUER", std::string(auth::kDefaultIssuer), "issuer of access tokens");
  ReadOrigins(config, gateway);
  ReadRates(config, gateway);
  ReadOwnTls(config, gateway);
  ReadFrontTls(config, gateway);
  AddOwnServices(config, !gateway.tls.empty(), gateway);
  ReadFiles(config, gateway);
  if (gateway.routes.empty())
    config.AddProblem("no routes: neither ARASTA_*_ADDRESS nor ARASTA_GATEWAY_CONFIG");
  return gateway;
}

}  // namespace arasta::gateway
