// What the gateway is told: environment variables for what differs between machines, and optionally a
// JSON file for other services than Arasta's own.
//
//   {
//     "descriptors": ["/etc/shop/shop.binpb"],
//     "backends": {"catalog": {"addresses": ["10.0.0.7:8080"], "tls": true, "identity": "catalog"}},
//     "routes": [{"prefix": "/shop.v1.", "backend": "catalog", "default_access": "PUBLIC",
//                 "default_rate_class": "READ", "max_request_bytes": 65536, "max_deadline_ms": 2000,
//                 "max_calls": 500, "retry_on": ["ABORTED"]}],
//     "webhooks": [{"name": "payments", "method": "/shop.v1.PaymentService/TakeWebhook"}],
//     "rate_limits": ["read=50/s:200", "address=off"],
//     "cors": {"origins": ["https://shop.example"], "exposed_headers": ["x-total"]},
//     "limits": {"max_request_bytes": 4194304, "max_connections": 10000, "max_streams": 1000,
//                "max_header_bytes": 16384, "head_timeout_ms": 10000, "idle_timeout_ms": 300000,
//                "answer_stall_ms": 60000}
//   }
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/config/config.h"
#include "common/otlp/trace_exporter.h"
#include "common/redis/redis.h"
#include "services/gateway/cors.h"
#include "services/gateway/front_limits.h"
#include "services/gateway/rate_limits.h"
#include "services/gateway/resolver.h"
#include "services/gateway/routes.h"
#include "services/gateway/tls.h"

namespace arasta::gateway {

struct BackendConfig {
  std::string name;
  std::vector<std::string> addresses;
  bool tls = false;
  std::string identity;  // "catalog" is spiffe://arasta/catalog
};

struct GatewayConfig {
  std::string listen = "127.0.0.1:0";
  std::string admin_listen = "127.0.0.1:0";
  int workers = 0;  // 0: as many as usable cores
  std::vector<std::string> descriptors;
  std::vector<BackendConfig> backends;
  std::vector<Route> routes;
  std::vector<Webhook> webhooks;
  // Where token keys come from; empty or not among the backends: nowhere.
  std::string auth_backend = "auth";
  std::string issuer;
  CorsOptions cors;
  FrontLimits limits;
  RateLimits rates{};
  redis::Options cache_redis;  // shares the rate limits between gateways; without an address each has its own
  std::vector<std::string> trusted_proxies;
  uint32_t max_request_bytes = 4 << 20;
  int connections_per_address = 1;
  int max_connections_per_address = 8;  // where a backend allows no more calls over fewer
  // How names of backends become addresses, and how often.
  Resolver::Lookup lookup = &SocketAddress::LookUp;
  absl::Duration lookup_interval = absl::Seconds(5);
  TlsFiles tls;
  FrontTls front_tls;
  absl::Duration certificate_interval = absl::Seconds(10);  // how often their files are looked at
  bool cleartext_too = false;                               // beside TLS, on the same port
  bool tell_certificates = false;
  bool reflection = false;  // tells everybody what is served, by grpc.reflection
  bool access_log = true;
  std::string log_level = "info";
  otlp::TraceSettings traces = {};
  // So long after its start the gateway is not ready without all of its backends; later one of them is
  // enough.
  absl::Duration start_patience = absl::Seconds(10);
  absl::Duration drain_delay = absl::ZeroDuration();
  absl::Duration drain_timeout = absl::Seconds(30);
};

// Reports problems to `config`.
GatewayConfig ReadConfig(config::Config& config);
// The part of it that is about rate limits.
void ReadRates(config::Config& config, GatewayConfig& gateway);

// Adds what a JSON file says. Returns what is wrong with it: the entry, or the line where it is no JSON.
std::vector<std::string> ApplyJson(const std::string& text, GatewayConfig& config);

}  // namespace arasta::gateway
