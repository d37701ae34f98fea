// One state of the configuration as the workers serve it. Immutable but for what is counted, and shared by
// all of them: a call ends under the generation that it began with, whatever comes next.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/backend.h"
#include "services/gateway/certificates.h"
#include "services/gateway/config.h"
#include "services/gateway/cors.h"
#include "services/gateway/front_limits.h"
#include "services/gateway/front_sniffer.h"
#include "services/gateway/rate_limiter.h"
#include "services/gateway/routes.h"
#include "services/gateway/trusted_proxies.h"

namespace arasta::gateway {

struct Generation {
  RouteTable routes;
  Cors cors;
  FrontLimits limits;
  CertificateFiles certificates;  // as they were when they were read
  FrontSecurity security;
  std::shared_ptr<RateLimiter> rates;
  TrustedProxies proxies;
  std::vector<BackendOptions> backends;
  int auth_backend = -1;  // index into `backends`, or -1
};

// Reads descriptors and certificates, and looks up the backends' names; one that is not known yet has no
// address. What callers have spent under `before`, which may be null, stays spent. The backends ask
// `resolver` as long as they are served. The error names the file or the entry.
absl::StatusOr<std::shared_ptr<const Generation>> MakeGeneration(const GatewayConfig& config,
                                                                 Resolver& resolver,
                                                                 const RateLimiter* before);

}  // namespace arasta::gateway
