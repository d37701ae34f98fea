#include "services/gateway/generation.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/spiffe.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"

namespace arasta::gateway {
namespace {

absl::StatusOr<google::protobuf::FileDescriptorSet> ReadAll(const std::vector<std::string>& files) {
  google::protobuf::FileDescriptorSet all;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const google::protobuf::FileDescriptorSet set, ReadDescriptors(file));
    all.MergeFrom(set);
  }
  return all;
}

absl::StatusOr<RouteTable> ReadRoutes(const GatewayConfig& config) {
  ASSIGN_OR_RETURN(const google::protobuf::FileDescriptorSet files, ReadAll(config.descriptors));
  std::vector<std::string> names;
  for (const BackendConfig& backend : config.backends) names.push_back(backend.name);
  ASSIGN_OR_RETURN(RouteTable routes,
                   RouteTable::Build(files, config.routes, names, config.max_request_bytes));
  for (const Webhook& webhook : config.webhooks) {
    RETURN_IF_ERROR(routes.AddWebhook(webhook, config.routes, names, config.max_request_bytes));
  }
  if (config.reflection) routes.AddReflection(config.max_request_bytes);
  return routes;
}

absl::StatusOr<std::vector<BackendOptions>> ReadBackends(const GatewayConfig& config,
                                                         const std::shared_ptr<const TlsContext>& tls,
                                                         Resolver& resolver) {
  std::vector<BackendOptions> backends;
  for (const BackendConfig& each : config.backends) {
    BackendOptions& backend = backends.emplace_back();
    backend.name = each.name;
    backend.connections_per_address = config.connections_per_address;
    backend.max_connections_per_address = config.max_connections_per_address;
    backend.look_up = [&resolver] { resolver.LookUpSoon(); };
    if (each.tls) {
      if (tls == nullptr) return absl::InvalidArgumentError(absl::StrCat(each.name, " needs certificates"));
      backend.tls = tls;
      backend.expected_peer = auth::SpiffeId(each.identity);
    }
    absl::StatusOr<std::vector<SocketAddress>> addresses = resolver.Resolve(each.addresses);
    if (absl::IsInvalidArgument(addresses.status())) return addresses.status();
    if (addresses.ok()) {
      backend.addresses = *std::move(addresses);
    } else {
      log::Warning("backend not known", {{"backend", each.name}, {"error", addresses.status().message()}});
    }
  }
  return backends;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Generation>> MakeGeneration(const GatewayConfig& config,
                                                                 Resolver& resolver,
                                                                 const RateLimiter* before) {
  ASSIGN_OR_RETURN(RouteTable routes, ReadRoutes(config));
  CertificateFiles files(config.front_tls, config.tls);
  ASSIGN_OR_RETURN(Certificates certificates, files.Read());
  FrontSecurity security{std::move(certificates.front), config.cleartext_too, config.tell_certificates};
  ASSIGN_OR_RETURN(TrustedProxies proxies, TrustedProxies::Parse(config.trusted_proxies));
  ASSIGN_OR_RETURN(std::vector<BackendOptions> backends, ReadBackends(config, certificates.back, resolver));
  const auto auth =
      std::find_if(config.backends.begin(), config.backends.end(),
                   [&](const BackendConfig& backend) { return backend.name == config.auth_backend; });
  const bool has_auth = auth != config.backends.end();
  return std::make_shared<const Generation>(
      Generation{std::move(routes), Cors(config.cors), config.limits, std::move(files), std::move(security),
                 std::make_shared<RateLimiter>(config.rates, before), std::move(proxies), std::move(backends),
                 has_auth ? static_cast<int>(auth - config.backends.begin()) : -1});
}

}  // namespace arasta::gateway
